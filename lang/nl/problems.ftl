# Not yet read by somebody who speaks it.

email_missing = Vul je e-mailadres in.
email_shape = Dit is geen e-mailadres. Het moet eruitzien als name@example.org.
email_local_part = Het deel van het adres vóór de @ mag alleen gewone letters (a–z), cijfers en leestekens bevatten. Gebruik een ander adres.
email_character = In dit e-mailadres staat een teken waar geen e-mail naartoe kan. Controleer het.
email_too_long = Dit e-mailadres is te lang om te bestaan. Controleer het.
email_literal = Geef een adres op met een domeinnaam na de @, geen IP-adres.
email_unseen = Er staat een onzichtbaar teken ({ $which }) in dit e-mailadres. Typ het met de hand.
email_route = Dit e-mailadres noemt een weg naar ergens anders (%, ! of @…:). Geef het gewone adres op.
email_cannot_receive = Op dit domein kan niemand e-mail ontvangen. Controleer het adres.
did_you_mean = Bedoelde je { $meant }? Als { $typed } klopt, verstuur het dan opnieuw.
yes_this_address = Ja, { $address }
no_this_address = Nee, { $address } klopt
email_domain = Het deel na de @ is geen domeinnaam. Controleer het adres.
username_missing = Kies een gebruikersnaam.
username_elsewhere = Accounts van hier eindigen op :{ $server }. Typ alleen het deel vóór de dubbele punt.
username_character = Een gebruikersnaam mag niet dit bevatten: { $shown }. Gebruik alleen a–z, 0–9 en de tekens . _ = - / +
username_too_long = Deze gebruikersnaam is te lang. Hij mag hoogstens { $most } tekens hebben.
answer_missing = Beantwoord de vraag: { $question }
answer_too_short = Antwoord in minstens { $least } tekens.
answer_too_long = Dit antwoord is te lang. Het mag hoogstens { $most } tekens hebben.
terms_not_agreed = Lees de voorwaarden en vink het vakje aan om ermee akkoord te gaan.
a_space = een spatie
unseen_character = een onzichtbaar teken ({ $which })
a_character = ‘{ $character }’
