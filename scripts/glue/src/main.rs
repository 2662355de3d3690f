//! Writes a module's glue: the JavaScript through which a page calls it, its types, and the module as they expect it.
//!
//! It is `wasm-bindgen --target web` without the other targets and options, and without the test runner and all that
//! it builds on. Names stay in the module, for who reports on it. It does not know what is in the module.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let mut args = env::args_os().skip(1).map(PathBuf::from);
    let (Some(module), Some(folder), None) = (args.next(), args.next(), args.next()) else {
        bail!("wasmqtt-glue takes a module and the folder to write into");
    };
    let name =
        module.file_stem().and_then(|name| name.to_str()).context("the name is not UTF-8")?;
    Bindgen::new()
        .web(true)?
        .out_name(name)
        .typescript(true)
        .omit_default_module_path(true)
        .input_path(&module)
        .generate(&folder)
}
