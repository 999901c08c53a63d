//! Compiles `app.slint`, with the icons of lucide and the translations under `lang/`.

use std::collections::HashMap;
use std::path::PathBuf;

fn main() {
    let libraries = HashMap::from([("lucide".to_owned(), PathBuf::from(lucide_slint::lib()))]);
    let is_release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let configuration = slint_build::CompilerConfiguration::new()
        .with_library_paths(libraries)
        .with_bundled_translations("lang")
        .with_default_translation_context(slint_build::DefaultTranslationContext::None)
        // Tests find elements by their names; the device needs none.
        .with_debug_info(!is_release);
    println!("cargo::rerun-if-changed=lang");
    if let Err(error) = slint_build::compile_with_config("app.slint", configuration) {
        eprintln!("{error}");
        std::process::exit(1);
    }
}
