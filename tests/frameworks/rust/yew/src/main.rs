//! A dashboard in Yew. Its hooks draw at most once a frame, and unsubscribe when their component goes.

use std::future::Future;
use std::rc::Rc;

use futures_util::future::abortable;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use wasmqtt::{Client, Message, Options, QoS};
use yew::prelude::*;

/// The client of all components; there is one.
#[derive(Clone)]
struct Mqtt(Client);

impl PartialEq for Mqtt {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Resolves in the next frame.
async fn frame() {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        let window = web_sys::window().expect("a page");
        window.request_animation_frame(&resolve).expect("frames");
    });
    let _ = JsFuture::from(promise).await;
}

/// Runs the task as long as the component is there.
#[hook]
fn use_task<F: Future<Output = ()> + 'static>(task: impl FnOnce(Client) -> F + 'static) {
    let Mqtt(client) = use_context().expect("a client");
    use_effect_with((), move |()| {
        let (task, abort) = abortable(task(client));
        spawn_local(async move {
            let _ = task.await;
        });
        move || abort.abort()
    });
}

/// The last message of a topic filter, as of the last frame.
#[hook]
fn use_subscription(filter: &'static str) -> Option<Rc<Message>> {
    let last = use_state(|| None);
    let set = last.setter();
    use_task(move |client| async move {
        // What came meanwhile is dropped but for the last.
        if let Ok(mut messages) = client.subscribe(filter).buffer(1).await {
            while let Some(message) = messages.next().await {
                set.set(Some(message));
                frame().await;
            }
        }
    });
    (*last).clone()
}

/// The state of the connection.
#[hook]
fn use_status() -> String {
    let state = use_state(String::new);
    let set = state.setter();
    use_task(move |client| async move {
        let mut events = client.events();
        set.set(format!("{:?}", client.state()));
        while events.next().await.is_some() {
            set.set(format!("{:?}", client.state()));
        }
    });
    (*state).clone()
}

#[component]
fn Connection() -> Html {
    let status = use_status();
    html! { <p id="status">{ status }</p> }
}

#[component]
fn Gauge() -> Html {
    let last = use_subscription("plant/1/temperature");
    html! { <output class="gauge">{ last.as_ref().and_then(|message| message.text()) }</output> }
}

#[component]
fn Lamp() -> Html {
    let Mqtt(client) = use_context().expect("a client");
    let publish = move |_| {
        let client = client.clone();
        spawn_local(async move {
            let _ = client.publish("from-page", "on").qos(QoS::AtLeastOnce).await;
        });
    };
    html! { <button id="publish" onclick={publish}>{ "On" }</button> }
}

#[component]
fn App() -> Html {
    let client = use_memo((), |()| {
        let hash = web_sys::window().and_then(|page| page.location().hash().ok());
        let url = hash.as_deref().unwrap_or_default().trim_start_matches('#').to_owned();
        Mqtt(Client::connect(url, Options::default()).expect("an address"))
    });
    let shown = use_state(|| true);
    let toggle = {
        let shown = shown.clone();
        move |_| shown.set(!*shown)
    };
    html! {
        <ContextProvider<Mqtt> context={(*client).clone()}>
            <h1>{ "Plant" }</h1>
            <Connection />
            <Lamp />
            <button id="toggle" onclick={toggle}>{ "Gauge" }</button>
            if *shown { <Gauge /> }
        </ContextProvider<Mqtt>>
    }
}

fn main() {
    yew::Renderer::<App>::new().render();
}
