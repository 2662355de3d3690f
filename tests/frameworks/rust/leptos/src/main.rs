//! A dashboard in Leptos. Its functions give signals that change at most once a frame, and unsubscribe when their component
//! goes.

use std::future::Future;

use futures_util::future::abortable;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;
use wasmqtt::{Client, Options, QoS};

/// The client of all components: it stays in the thread of the page.
type Mqtt = StoredValue<Client, LocalStorage>;

fn use_client() -> Client {
    expect_context::<Mqtt>().get_value()
}

/// Resolves in the next frame.
async fn frame() {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        window().request_animation_frame(&resolve).expect("frames");
    });
    let _ = JsFuture::from(promise).await;
}

/// Runs the task as long as the component is there.
fn while_there(task: impl Future<Output = ()> + 'static) {
    let (task, abort) = abortable(task);
    on_cleanup(move || abort.abort());
    spawn_local(async move {
        let _ = task.await;
    });
}

/// The text of the last message of a topic filter, as of the last frame.
fn use_subscription(filter: &'static str) -> ReadSignal<Option<String>> {
    let (last, set) = signal(None);
    let client = use_client();
    while_there(async move {
        // What came meanwhile is dropped but for the last.
        if let Ok(mut messages) = client.subscribe(filter).buffer(1).await {
            while let Some(message) = messages.next().await {
                set.set(message.text().map(Into::into));
                frame().await;
            }
        }
    });
    last
}

/// The state of the connection.
fn use_status() -> ReadSignal<String> {
    let client = use_client();
    let (state, set) = signal(format!("{:?}", client.state()));
    while_there(async move {
        let mut events = client.events();
        while events.next().await.is_some() {
            set.set(format!("{:?}", client.state()));
        }
    });
    state
}

#[component]
fn Gauge() -> impl IntoView {
    let last = use_subscription("plant/1/temperature");
    view! { <output class="gauge">{last}</output> }
}

#[component]
fn Lamp() -> impl IntoView {
    let client = use_client();
    let publish = move |_| {
        let client = client.clone();
        spawn_local(async move {
            let _ = client.publish("from-page", "on").qos(QoS::AtLeastOnce).await;
        });
    };
    view! { <button id="publish" on:click=publish>"On"</button> }
}

#[component]
fn App() -> impl IntoView {
    let hash = window().location().hash().unwrap_or_default();
    let client = Client::connect(hash.trim_start_matches('#'), Options::default());
    provide_context::<Mqtt>(StoredValue::new_local(client.expect("an address")));
    let status = use_status();
    let (shown, set_shown) = signal(true);
    view! {
        <h1>"Plant"</h1>
        <p id="status">{status}</p>
        <Lamp />
        <button id="toggle" on:click=move |_| set_shown.update(|shown| *shown = !*shown)>"Gauge"</button>
        <Show when=move || shown.get()><Gauge /></Show>
    }
}

fn main() {
    mount_to_body(App);
}
