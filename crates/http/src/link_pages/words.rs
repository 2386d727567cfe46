//! The sentences of the pages, in the languages of the mails.

/// All sentences in one language.
pub(super) struct Words {
    /// Its code.
    pub(super) code: &'static str,
    pub(super) verify_title: &'static str,
    pub(super) verify: &'static str,
    pub(super) verify_button: &'static str,
    pub(super) verified_title: &'static str,
    pub(super) close: &'static str,
    pub(super) reset_title: &'static str,
    pub(super) new_password: &'static str,
    pub(super) new_password_again: &'static str,
    pub(super) reset_button: &'static str,
    pub(super) changed_title: &'static str,
    pub(super) log_in: &'static str,
    pub(super) invite_title: &'static str,
    pub(super) invite: &'static str,
    pub(super) password: &'static str,
    pub(super) password_again: &'static str,
    pub(super) invite_button: &'static str,
    pub(super) ready_title: &'static str,
    pub(super) verify_first: &'static str,
    pub(super) check_fields: &'static str,
    pub(super) dead_title: &'static str,
    pub(super) dead: &'static str,
    pub(super) ask_again: &'static str,
    pub(super) ask_inviter: &'static str,
    pub(super) failed_title: &'static str,
}

/// The sentences in a language, or in it without its region.
pub(super) fn of(code: &str) -> Option<&'static Words> {
    let language = code.split('-').next().unwrap_or_default();
    let named = |wanted: &str| ALL.into_iter().find(|words| words.code == wanted);
    named(code).or_else(|| named(language))
}

/// The sentences for those whose language is not among them.
pub(super) fn english() -> &'static Words {
    &ENGLISH
}

const ALL: [&Words; 5] = [&ENGLISH, &GERMAN, &SPANISH, &FRENCH, &PORTUGUESE];

static ENGLISH: Words = Words {
    code: "en",
    verify_title: "Confirm your e-mail address",
    verify: "Press the button to confirm that the address this mail came to is yours.",
    verify_button: "Confirm",
    verified_title: "Your e-mail address is confirmed",
    close: "You can close this page.",
    reset_title: "Choose a new password",
    new_password: "New password",
    new_password_again: "New password again",
    reset_button: "Save the password",
    changed_title: "Your password is saved",
    log_in: "You can log in with it now.",
    invite_title: "Create your account",
    invite: "You are invited. Choose how you want to log in.",
    password: "Password",
    password_again: "Password again",
    invite_button: "Create the account",
    ready_title: "Your account is created",
    verify_first: "Before you log in, please open the link in the mail that is on its way to you.",
    check_fields: "Please check what you have entered.",
    dead_title: "This link does not work",
    dead: "It is too old, was used already, or is not complete.",
    ask_again: "Please ask for another mail.",
    ask_inviter: "Please ask for another invitation.",
    failed_title: "That did not work",
};

static GERMAN: Words = Words {
    code: "de",
    verify_title: "E-Mail-Adresse bestätigen",
    verify: "Bestätigen Sie mit dem Knopf, dass die Adresse, an die diese Nachricht ging, Ihnen gehört.",
    verify_button: "Bestätigen",
    verified_title: "Ihre E-Mail-Adresse ist bestätigt",
    close: "Sie können diese Seite schließen.",
    reset_title: "Neues Passwort wählen",
    new_password: "Neues Passwort",
    new_password_again: "Neues Passwort noch einmal",
    reset_button: "Passwort speichern",
    changed_title: "Ihr Passwort ist gespeichert",
    log_in: "Sie können sich jetzt damit anmelden.",
    invite_title: "Konto anlegen",
    invite: "Sie sind eingeladen. Wählen Sie, wie Sie sich anmelden möchten.",
    password: "Passwort",
    password_again: "Passwort noch einmal",
    invite_button: "Konto anlegen",
    ready_title: "Ihr Konto ist angelegt",
    verify_first: "Bevor Sie sich anmelden, öffnen Sie bitte den Link in der Nachricht, die an Sie \
                   unterwegs ist.",
    check_fields: "Bitte prüfen Sie Ihre Angaben.",
    dead_title: "Dieser Link funktioniert nicht",
    dead: "Er ist zu alt, wurde schon verwendet oder ist nicht vollständig.",
    ask_again: "Bitte fordern Sie eine neue Nachricht an.",
    ask_inviter: "Bitte lassen Sie sich noch einmal einladen.",
    failed_title: "Das hat nicht geklappt",
};

static SPANISH: Words = Words {
    code: "es",
    verify_title: "Confirme su dirección de correo electrónico",
    verify: "Pulse el botón para confirmar que la dirección a la que llegó este mensaje es suya.",
    verify_button: "Confirmar",
    verified_title: "Su dirección de correo electrónico está confirmada",
    close: "Puede cerrar esta página.",
    reset_title: "Elija una contraseña nueva",
    new_password: "Contraseña nueva",
    new_password_again: "Repita la contraseña nueva",
    reset_button: "Guardar la contraseña",
    changed_title: "Su contraseña está guardada",
    log_in: "Ya puede iniciar sesión con ella.",
    invite_title: "Cree su cuenta",
    invite: "Ha recibido una invitación. Elija cómo quiere iniciar sesión.",
    password: "Contraseña",
    password_again: "Repita la contraseña",
    invite_button: "Crear la cuenta",
    ready_title: "Su cuenta está creada",
    verify_first: "Antes de iniciar sesión, abra el enlace del mensaje que le llegará.",
    check_fields: "Revise los datos que ha introducido.",
    dead_title: "Este enlace no funciona",
    dead: "Es demasiado antiguo, ya se ha usado o está incompleto.",
    ask_again: "Solicite otro mensaje.",
    ask_inviter: "Pida otra invitación.",
    failed_title: "No ha sido posible",
};

static FRENCH: Words = Words {
    code: "fr",
    verify_title: "Confirmez votre adresse e-mail",
    verify: "Appuyez sur le bouton pour confirmer que l’adresse qui a reçu ce message est la vôtre.",
    verify_button: "Confirmer",
    verified_title: "Votre adresse e-mail est confirmée",
    close: "Vous pouvez fermer cette page.",
    reset_title: "Choisissez un nouveau mot de passe",
    new_password: "Nouveau mot de passe",
    new_password_again: "Nouveau mot de passe, encore une fois",
    reset_button: "Enregistrer le mot de passe",
    changed_title: "Votre mot de passe est enregistré",
    log_in: "Vous pouvez maintenant vous connecter avec lui.",
    invite_title: "Créez votre compte",
    invite: "Vous avez reçu une invitation. Choisissez comment vous voulez vous connecter.",
    password: "Mot de passe",
    password_again: "Mot de passe, encore une fois",
    invite_button: "Créer le compte",
    ready_title: "Votre compte est créé",
    verify_first: "Avant de vous connecter, ouvrez le lien du message qui va vous parvenir.",
    check_fields: "Vérifiez les informations saisies.",
    dead_title: "Ce lien ne fonctionne pas",
    dead: "Il est trop ancien, a déjà servi ou est incomplet.",
    ask_again: "Demandez un autre message.",
    ask_inviter: "Demandez une autre invitation.",
    failed_title: "Cela n’a pas fonctionné",
};

static PORTUGUESE: Words = Words {
    code: "pt-br",
    verify_title: "Confirme seu endereço de e-mail",
    verify: "Pressione o botão para confirmar que o endereço que recebeu esta mensagem é seu.",
    verify_button: "Confirmar",
    verified_title: "Seu endereço de e-mail está confirmado",
    close: "Você pode fechar esta página.",
    reset_title: "Escolha uma nova senha",
    new_password: "Nova senha",
    new_password_again: "Repita a nova senha",
    reset_button: "Salvar a senha",
    changed_title: "Sua senha está salva",
    log_in: "Agora você pode entrar com ela.",
    invite_title: "Crie sua conta",
    invite: "Você recebeu um convite. Escolha como quer entrar.",
    password: "Senha",
    password_again: "Repita a senha",
    invite_button: "Criar a conta",
    ready_title: "Sua conta está criada",
    verify_first: "Antes de entrar, abra o link da mensagem que está a caminho.",
    check_fields: "Verifique os dados informados.",
    dead_title: "Este link não funciona",
    dead: "Ele é antigo demais, já foi usado ou está incompleto.",
    ask_again: "Peça outra mensagem.",
    ask_inviter: "Peça outro convite.",
    failed_title: "Não foi possível",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_has_the_sentences_of_its_language() {
        let code = |wanted| of(wanted).map(|words| words.code);
        assert_eq!(code("de-at"), Some("de"));
        assert_eq!(code("pt-br"), Some("pt-br"));
        assert_eq!((code("pt"), code("ja"), code("")), (None, None, None));
    }
}
