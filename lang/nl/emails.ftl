# Not yet read by somebody who speaks it.

token_subject = Je registratietoken voor { $homeserver }
account_subject = Maak je account aan op { $homeserver }
account_preview = Kies een wachtwoord en je account is klaar. De link werkt tot { $until }, nog { $span }.
your_account = Maak je account aan
this_is_the_link = Kies een wachtwoord op onze pagina en het account is klaar. Log er daarna mee in met elke Matrix-client.
this_is_the_link_to_choose = Kies een gebruikersnaam en een wachtwoord op onze pagina en het account is klaar. Log er daarna mee in met elke Matrix-client.
link_works_until = De link werkt één keer, tot { $until }, nog { $span }. Houd hem alsjeblieft voor jezelf.
own_client = Liever je eigen client?
own_client_token = Sla de link dan over en gebruik dit registratietoken:
token_preview = Het werkt tot { $until }, nog { $span }. Drie stappen naar je account.
trial_email = Iemand probeert het registratieloket uit: deze e-mail is in een map geschreven en naar niemand verstuurd, en met het registratietoken kun je niets.
your_token = Je registratietoken
somebody_asked = Jij, of iemand die jouw adres heeft ingevuld, heeft een account aangevraagd op de Matrix-homeserver { $homeserver }:
email_asked = Een e-mail van jouw adres vroeg om een account op de Matrix-homeserver { $homeserver }:
this_is_the_token = Dit is het registratietoken ervoor:
works_until = Het werkt tot { $until }, nog { $span }. Houd het alsjeblieft voor jezelf.
short_way = De korte weg naar je account
sign_up_page = Maak het aan op de registratiepagina van { $homeserver }:
sign_up_page_filled = Maak het aan op de registratiepagina van { $homeserver }, waar gebruikersnaam en registratietoken al zijn ingevuld:
sign_up_page_with_name = Maak het aan op de registratiepagina van { $homeserver }, waar de gebruikersnaam al is ingevuld:
sign_up_page_with_token = Maak het aan op de registratiepagina van { $homeserver }, waar het registratietoken al is ingevuld:
create_the_account = Account aanmaken
three_steps = Drie stappen naar je account
or_three_steps = Of in drie stappen
step_client = Open een client, het programma waarmee je Matrix gebruikt. Het moet registratietokens ondersteunen: deze in een webbrowser doet dat, en Element Desktop ook. Element X en FluffyChat niet; zodra je het account hebt, kun je die ook gebruiken.
step_client_of_page = Open een client, het programma waarmee je Matrix gebruikt: deze in een webbrowser, Element Desktop, Element X of de meeste andere. Die brengt je naar de registratiepagina van { $homeserver }, waar om het registratietoken wordt gevraagd.
step_homeserver = Kies ‘Account aanmaken’. Staat er een andere homeserver, kies dan ‘Bewerken’ ernaast. Die van jou is:
step_username = Vul als gebruikersnaam in:
step_username_within = Vul als gebruikersnaam in wat tussen @ en : staat in
step_token = Kies een wachtwoord en plak het registratietoken waar erom wordt gevraagd. Het is geen e-mailcode: als je daarom wordt gevraagd, komt die in een aparte e-mail.
not_you = Heb je dit niet aangevraagd?
not_you_what = Negeer deze e-mail dan gewoon.
not_you_tell = Laat het ons weten, dan krijgt dit adres niets meer:
expired = Token verlopen?
link_expired = Link verlopen?
expired_where = Vraag het opnieuw aan met dezelfde naam en hetzelfde adres:
expired_anywhere = Vraag het opnieuw aan op dezelfde plek, met dezelfde naam en hetzelfde adres.
expired_by_email = Schrijf opnieuw naar { $address }, met dezelfde gebruikersnaam.

invitation_subject = Je bent uitgenodigd voor { $homeserver }
invitation_heading = Je bent uitgenodigd
invites = De beheerder van de Matrix-homeserver { $homeserver } nodigt je uit om daar een account aan te maken.
invites_as = De beheerder van de Matrix-homeserver { $homeserver } nodigt je uit om dit account aan te maken:
invitation_note = Het bericht erbij:
invitation_expired = Vraag degene die je heeft uitgenodigd om een nieuwe uitnodiging.

request_subject = Je aanvraag voor een account op { $homeserver }
refused =
    Hallo,

    je hebt per e-mail een account op { $homeserver } aangevraagd, en dit is het account dat in je e-mail staat:

        { $name }

    { $why }
refused_without_name =
    Hallo,

    je hebt per e-mail een account op { $homeserver } aangevraagd.

    { $why }
write_again =
    Schrijf alsjeblieft opnieuw naar { $address }, met maar één regel:

    Gebruikersnaam: { $example }
names_read =
    Dit staat in je e-mail als gebruikersnaam:

        { $names }
answered_by_operator =
    Hallo,

    de beheerder van { $homeserver } heeft je e-mail gelezen en antwoordt:

    { $answer }
refused_by_operator =
    Hallo,

    je hebt een account op { $homeserver } aangevraagd. De beheerder heeft je aanvraag bekeken en afgewezen:

    { $why }
help =
    Hallo,

    je hebt naar het registratieloket van { $homeserver } geschreven, en het was niet duidelijk welke gebruikersnaam je wilt.

    { $problem }
address_is_known =
    Hallo,

    iemand, misschien jij, heeft met jouw e-mailadres een account op { $homeserver } aangevraagd. Er is al een account of een aanvraag met dit adres, dus er is niets veranderd en niemand heeft bericht gekregen.

    Als je dit hebt aangevraagd omdat er een e-mail ontbreekt, vraag het dan later opnieuw aan met de gebruikersnaam die je eerst had gekozen. Was jij het niet, negeer dit dan gewoon.
no_longer =
    Hallo,

    je hebt een account op { $homeserver } aangevraagd, en je aanvraag moest wachten. Hij kan niet meer worden goedgekeurd:

    { $why }
prove_subject = Bevestig je adres voor { $homeserver }
prove_address =
    Hallo,

    jij, of iemand die jouw adres heeft ingevuld, heeft het account { $id } op { $homeserver } aangevraagd. Bevestig alsjeblieft dat dit adres van jou is:

    { $link }

    De link werkt 24 uur. Als je dit niet hebt aangevraagd, negeer deze e-mail dan gewoon: zonder bevestiging gaat de aanvraag niet door.
form_too = Er is ook een formulier: { $url }
several_names = Er staan meerdere gebruikersnamen in.
no_name = Er staat geen gebruikersnaam in.
