# Not yet read by a native speaker.

### Die Seite, zu der ein Registrierungslink führt.

sign_up_title = Konto bei { $homeserver } erstellen
sign_up_heading = Konto erstellen
sign_up_heading_for = Erstelle dein Konto { $mxid }
sign_up_what = Wähle ein Passwort, und dein Konto ist fertig. Du meldest dich damit in einem beliebigen Matrix-Client an.
sign_up_password = Passwort
sign_up_password_hint = Ein langes, das du sonst nirgends verwendest. Speichere es in deinem Passwortmanager.
sign_up_show = Passwort anzeigen
sign_up_hide = Passwort verbergen
sign_up_username = Benutzername
sign_up_agree = Ich stimme zu: { $policy }
sign_up_button = Konto erstellen
sign_up_working = Dein Konto wird erstellt …
sign_up_in_line = Der Homeserver erstellt ein Konto nach dem anderen. Du bist in der Reihe; bitte lass diese Seite offen.
sign_up_name_taken = Diesen Namen hat inzwischen jemand anders. Bitte wähle einen anderen.
sign_up_perhaps_yours = Dieser Name ist vergeben, vielleicht an dein eigenes Konto: Wenn du dieses Formular schon einmal gesendet hast, benutze dasselbe Passwort wie damals.
sign_up_no_password = Bitte wähle ein Passwort.
sign_up_weak = Der Homeserver verlangt ein besseres Passwort: { $words }
sign_up_terms_missing = Bitte stimme zuerst den Bedingungen zu.
sign_up_refused = Du kannst hier kein Konto erstellen.
sign_up_waits = Der Homeserver erstellt nur eine begrenzte Zahl von Konten auf einmal. Nichts ist verloren: Bitte versuch es in { $span } mit demselben Passwort noch einmal.
sign_up_unreachable = Der Homeserver hat nicht geantwortet. Nichts ist verloren: Bitte versuch es in einer Minute mit demselben Passwort noch einmal.
sign_up_expired = Dieser Link gilt nicht mehr
sign_up_expired_what = Er ist abgelaufen, oder eine neuere E-Mail hat ihn ersetzt. Bitte such nach einer neueren E-Mail oder frag noch einmal an.
sign_up_used = Dieser Link wurde schon benutzt
sign_up_used_what = Das Konto { $mxid } wurde erstellt. Melde dich in einem beliebigen Matrix-Client mit dem Passwort an, das du gewählt hast.
sign_up_created = Dein Konto ist fertig
sign_up_created_message = Dein Konto { $mxid } ist fertig.
sign_up_trial = Im Probelauf wird kein Konto erstellt. Im echten Betrieb wäre deines jetzt fertig.
sign_up_id = Deine Matrix-ID
sign_up_server = Homeserver
sign_up_copy = Kopieren
sign_up_copied = Kopiert
sign_up_get_in = Anmelden
sign_up_get_in_how = Öffne einen Client, wähle { $homeserver } als Homeserver und melde dich mit deinem Benutzernamen und deinem Passwort an.
sign_up_phone = Auf dem Handy
sign_up_phone_how = Installiere Element X und scanne dann diesen Code: Es öffnet sich mit deinem Homeserver.
sign_up_qr = QR-Code für Element X auf deinem Handy
sign_up_room = Sag Hallo
sign_up_room_how = Der Begrüßungsraum ist { $room }.
