# Not yet read by somebody who speaks it.

email_missing = Bitte geben Sie Ihre E-Mail-Adresse an.
email_shape = Das ist keine E-Mail-Adresse. Sie sollte aussehen wie name@example.org.
email_local_part = Der Teil der Adresse vor dem @ darf nur einfache Buchstaben (a–z), Ziffern und Zeichen enthalten. Bitte verwenden Sie eine andere Adresse.
email_character = Diese E-Mail-Adresse enthält ein Zeichen, an das sich keine E-Mail schicken lässt. Bitte prüfen Sie sie.
email_too_long = Diese E-Mail-Adresse ist zu lang, um zu existieren. Bitte prüfen Sie sie.
email_literal = Bitte geben Sie eine Adresse mit einem Domainnamen nach dem @ an, keine IP-Adresse.
email_unseen = In dieser E-Mail-Adresse ist ein unsichtbares Zeichen ({ $which }). Bitte tippen Sie sie von Hand ein.
email_route = Diese E-Mail-Adresse nennt einen Weg woandershin (%, ! oder @…:). Bitte geben Sie die einfache Adresse an.
email_cannot_receive = Unter dieser Domain kann niemand E-Mails empfangen. Bitte prüfen Sie die Adresse.
did_you_mean = Meinten Sie { $meant }? Wenn { $typed } stimmt, senden Sie es noch einmal.
yes_this_address = Ja, { $address }
no_this_address = Nein, { $address } stimmt
email_domain = Der Teil nach dem @ ist kein Domainname. Bitte prüfen Sie die Adresse.
username_missing = Bitte wählen Sie einen Benutzernamen.
username_elsewhere = Konten von hier enden auf :{ $server }. Bitte geben Sie nur den Teil vor dem Doppelpunkt ein.
username_character = Im Benutzernamen nicht erlaubt: { $shown }. Bitte verwenden Sie nur a–z, 0–9 und die Zeichen . _ = - / +
username_too_long = Dieser Benutzername ist zu lang. Er darf höchstens { $most } Zeichen haben.
answer_missing = Bitte beantworten Sie die Frage: { $question }
answer_too_short = Bitte antworten Sie mit mindestens { $least } Zeichen.
answer_too_long = Diese Antwort ist zu lang. Sie darf höchstens { $most } Zeichen haben.
terms_not_agreed = Bitte lesen Sie die Nutzungsbedingungen, und setzen Sie das Häkchen, um ihnen zuzustimmen.
a_space = ein Leerzeichen
unseen_character = ein unsichtbares Zeichen ({ $which })
a_character = „{ $character }“
