<<<<<<< HEAD
# nl: not yet translated.
=======
# Not yet read by somebody who speaks it.

sign_up_title = Maak je account aan op { $homeserver }
sign_up_heading = Maak je account aan
sign_up_heading_for = Maak je account { $mxid } aan
sign_up_what = Kies een wachtwoord en je account is klaar. Je logt ermee in met elke Matrix-client.
sign_up_password = Wachtwoord
sign_up_password_hint = Een lang wachtwoord dat je nergens anders gebruikt. Bewaar het in je wachtwoordbeheerder.
sign_up_show = Wachtwoord tonen
sign_up_hide = Wachtwoord verbergen
sign_up_username = Gebruikersnaam
sign_up_agree = Ik ga akkoord met: { $policy }
sign_up_button = Account aanmaken
sign_up_working = Je account wordt aangemaakt…
sign_up_in_line = De homeserver maakt één account tegelijk aan. Je staat in de rij; laat deze pagina open.
sign_up_name_taken = Iemand anders heeft deze naam intussen. Kies een andere.
sign_up_perhaps_yours = Deze naam is bezet, misschien door je eigen account: heb je dit formulier al eerder verstuurd, gebruik dan hetzelfde wachtwoord als toen.
sign_up_no_password = Kies een wachtwoord.
sign_up_weak = De homeserver wil een beter wachtwoord: { $words }
sign_up_terms_missing = Ga eerst akkoord met de voorwaarden.
sign_up_refused = Je kunt hier geen account aanmaken.
sign_up_waits = De homeserver maakt maar een beperkt aantal accounts tegelijk aan. Er is niets verloren: probeer het over { $span } opnieuw, met hetzelfde wachtwoord.
sign_up_unreachable = De homeserver gaf geen antwoord. Er is niets verloren: probeer het over een minuut opnieuw, met hetzelfde wachtwoord.
sign_up_expired = Deze link werkt niet meer
sign_up_expired_what = Hij is verlopen, of vervangen door een nieuwere e-mail. Zoek naar een nieuwere e-mail of vraag het opnieuw aan.
sign_up_used = Deze link is al gebruikt
sign_up_used_what = Het account { $mxid } is aangemaakt. Log ermee in met elke Matrix-client, met het wachtwoord dat je hebt gekozen.
sign_up_created = Je account is klaar
sign_up_created_message = Je account { $mxid } is klaar.
sign_up_trial = Bij een proef wordt geen account aangemaakt. In het echt zou het jouwe nu klaar zijn.
sign_up_id = Je Matrix-ID
sign_up_server = Homeserver
sign_up_copy = Kopiëren
sign_up_copied = Gekopieerd
sign_up_get_in = Inloggen
sign_up_get_in_how = Open een client, kies { $homeserver } als homeserver en log in met je gebruikersnaam en je wachtwoord.
sign_up_phone = Op je telefoon
sign_up_phone_how = Installeer Element X en scan dan deze code: de app opent met je homeserver al ingevuld.
sign_up_qr = QR-code voor Element X op je telefoon
sign_up_room = Zeg hallo
sign_up_room_how = De welkomstkamer is { $room }.
>>>>>>> tr
