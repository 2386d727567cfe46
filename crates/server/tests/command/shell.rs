//! `rest-auth completions` and `rest-auth man`

use std::fs;
use std::process::Command;

use crate::harness::Folder;

#[test]
fn bash_completes_commands_and_their_options() {
    let folder = Folder::new();
    let script = folder.run(&["completions", "bash"], "").ok().stdout;
    folder.write("script", &script);
    for (line, wanted) in [
        ("rest-auth mig", "migrate"),
        ("rest-auth user set", "set-password"),
        ("rest-auth migrate --st", "--status"),
    ] {
        let words = line.split(' ').count();
        let asked = format!(
            ". ./script; COMP_WORDS=({line}); COMP_CWORD={}; \
             $(complete -p rest-auth | sed 's/.* -F //; s/ .*//') rest-auth {} {}; \
             echo \"${{COMPREPLY[*]}}\"",
            words - 1,
            line.rsplit(' ').next().unwrap(),
            line.rsplit(' ').nth(1).unwrap(),
        );
        let said = Command::new("bash").args(["-c", &asked]).current_dir(folder.path()).output();
        let said = String::from_utf8(said.unwrap().stdout).unwrap();
        assert_eq!(said.trim(), wanted, "{line}");
    }
}

#[test]
fn other_shells_get_a_script_of_their_own() {
    let folder = Folder::new();
    let scripts = ["bash", "zsh", "fish", "powershell", "elvish"].map(|shell| {
        let script = folder.run(&["completions", shell], "").ok().stdout;
        assert!(script.contains("set-password"), "{shell}: {script}");
        script
    });
    for (index, script) in scripts.iter().enumerate() {
        assert!(!scripts[index + 1..].contains(script));
    }
    assert_eq!(folder.run(&["completions", "cmd"], "").status, 2);
}

#[test]
fn the_manual_has_a_page_for_each_command() {
    let folder = Folder::new();
    let page = folder.run(&["man"], "").ok().stdout;
    assert!(page.contains(".TH rest-auth 1"), "{page}");
    fs::create_dir(folder.path().join("man1")).unwrap();
    folder.run(&["man", "man1"], "").ok();
    for name in ["rest-auth", "rest-auth-serve", "rest-auth-user-set-password"] {
        let page = fs::read_to_string(folder.path().join("man1").join(format!("{name}.1")));
        let page = page.unwrap();
        assert!(page.contains(&format!(".TH {name} 1")), "{name}");
        assert!(page.contains("REST_AUTH_CONFIG"), "{name}: {page}");
    }
    let refused = folder.run(&["man", "no/such/folder"], "");
    assert_eq!(refused.status, 1);
    assert!(refused.stderr.contains("no/such/folder"), "{}", refused.stderr);
}
