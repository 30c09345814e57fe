# Not yet read by a native speaker.

### Was an einer Eingabe nicht stimmt.

email_missing = Bitte gib deine E-Mail-Adresse an.
email_shape = Das ist keine E-Mail-Adresse. Sie sollte aussehen wie name@example.org.
email_local_part = Der Teil der Adresse vor dem @ darf nur einfache Buchstaben (a–z), Ziffern und Zeichen enthalten. Bitte nimm eine andere Adresse.
email_character = Diese E-Mail-Adresse enthält ein Zeichen, an das sich keine E-Mail schicken lässt. Bitte überprüfe sie.
email_too_long = Diese E-Mail-Adresse ist länger als erlaubt. Bitte überprüfe sie.
email_literal = Bitte gib eine Adresse mit einem Domainnamen nach dem @ an, keine IP-Adresse.
email_unseen = In dieser E-Mail-Adresse steckt ein unsichtbares Zeichen ({ $which }). Bitte tippe sie von Hand ein.
email_route = Diese E-Mail-Adresse enthält einen Weg zu einer anderen (%, ! oder @…:). Bitte gib die einfache Adresse an.
email_cannot_receive = Unter dieser Domain kann niemand E-Mails empfangen. Bitte überprüfe die Adresse.
did_you_mean = Meintest du { $meant }? Wenn { $typed } stimmt, sende es noch einmal ab.
yes_this_address = Ja, { $address }
no_this_address = Nein, { $address } stimmt
email_domain = Der Teil nach dem @ ist kein Domainname. Bitte überprüfe die Adresse.
username_missing = Bitte wähle einen Benutzernamen.
username_elsewhere = Konten, die hier erstellt werden, enden auf :{ $server }. Bitte gib nur den Teil vor dem Doppelpunkt ein.
username_character = Ein Benutzername darf { $shown } nicht enthalten. Bitte benutze nur a–z, 0–9 und die Zeichen . _ = - / +
username_too_long =
    { $most ->
        [one] Dieser Benutzername ist zu lang. Er darf höchstens { $most } Zeichen haben.
       *[other] Dieser Benutzername ist zu lang. Er darf höchstens { $most } Zeichen haben.
    }
answer_missing = Bitte beantworte die Frage: { $question }
answer_too_short =
    { $least ->
        [one] Bitte antworte mit mindestens { $least } Zeichen.
       *[other] Bitte antworte mit mindestens { $least } Zeichen.
    }
answer_too_long =
    { $most ->
        [one] Diese Antwort ist zu lang. Sie darf höchstens { $most } Zeichen haben.
       *[other] Diese Antwort ist zu lang. Sie darf höchstens { $most } Zeichen haben.
    }
terms_not_agreed = Bitte lies die Nutzungsbedingungen und stimme ihnen mit dem Häkchen zu.
a_space = ein Leerzeichen
unseen_character = ein unsichtbares Zeichen ({ $which })
a_character = „{ $character }“
