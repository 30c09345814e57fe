<<<<<<< HEAD
# de: not yet translated.
=======
# Not yet read by somebody who speaks it.

sign_up_title = Erstellen Sie Ihr Konto auf { $homeserver }
sign_up_heading = Erstellen Sie Ihr Konto
sign_up_heading_for = Erstellen Sie Ihr Konto { $mxid }
sign_up_what = Wählen Sie ein Passwort, und Ihr Konto ist bereit. Sie melden sich damit in jedem Matrix-Client an.
sign_up_password = Passwort
sign_up_password_hint = Ein langes, das Sie nirgends sonst verwenden. Speichern Sie es in Ihrem Passwort-Manager.
sign_up_show = Passwort anzeigen
sign_up_hide = Passwort verbergen
sign_up_username = Benutzername
sign_up_agree = Ich stimme zu: { $policy }
sign_up_button = Konto erstellen
sign_up_working = Ihr Konto wird erstellt …
sign_up_in_line = Der Homeserver erstellt ein Konto nach dem anderen. Sie sind in der Warteschlange; bitte lassen Sie diese Seite offen.
sign_up_name_taken = Diesen Namen hat inzwischen jemand anders. Bitte wählen Sie einen anderen.
sign_up_perhaps_yours = Dieser Name ist vergeben, vielleicht an Ihr eigenes Konto: Wenn Sie dieses Formular schon einmal gesendet haben, verwenden Sie dasselbe Passwort wie damals.
sign_up_no_password = Bitte wählen Sie ein Passwort.
sign_up_weak = Der Homeserver möchte ein besseres Passwort: { $words }
sign_up_terms_missing = Bitte stimmen Sie zuerst den Bedingungen zu.
sign_up_refused = Sie können hier kein Konto erstellen.
sign_up_waits = Der Homeserver erstellt nur eine begrenzte Zahl von Konten auf einmal. Es ist nichts verloren: Bitte versuchen Sie es in { $span } mit demselben Passwort noch einmal.
sign_up_unreachable = Der Homeserver hat nicht geantwortet. Es ist nichts verloren: Bitte versuchen Sie es in einer Minute mit demselben Passwort noch einmal.
sign_up_expired = Dieser Link funktioniert nicht mehr
sign_up_expired_what = Er ist abgelaufen oder durch eine neuere E-Mail ersetzt. Bitte suchen Sie nach einer neueren E-Mail, oder fragen Sie noch einmal an.
sign_up_used = Dieser Link wurde schon benutzt
sign_up_used_what = Das Konto { $mxid } ist erstellt. Melden Sie sich damit in einem beliebigen Matrix-Client an, mit dem Passwort, das Sie gewählt haben.
sign_up_created = Ihr Konto ist bereit
sign_up_created_message = Ihr Konto { $mxid } ist bereit.
sign_up_trial = Bei einem Test wird kein Konto erstellt. Im echten Betrieb wäre Ihres jetzt bereit.
sign_up_id = Ihre Matrix-ID
sign_up_server = Homeserver
sign_up_copy = Kopieren
sign_up_copied = Kopiert
sign_up_get_in = Anmelden
sign_up_get_in_how = Öffnen Sie einen Client, wählen Sie { $homeserver } als Homeserver, und melden Sie sich mit Ihrem Benutzernamen und Ihrem Passwort an.
sign_up_phone = Auf dem Handy
sign_up_phone_how = Installieren Sie Element X, und scannen Sie dann diesen Code: Die App öffnet sich, und Ihr Homeserver ist schon eingetragen.
sign_up_qr = QR-Code für Element X auf Ihrem Handy
sign_up_room = Sagen Sie Hallo
sign_up_room_how = Der Willkommensraum ist { $room }.
>>>>>>> tr
