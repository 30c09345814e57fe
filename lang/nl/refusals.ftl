# Not yet read by somebody who speaks it.

closed_until = Registratie is gesloten terwijl het registratietoken wordt vervangen. Ze opent weer om { $time }.
paused = Registratie is op dit moment onderbroken. Probeer het later opnieuw.
being_updated = Registratie is gesloten voor een update. Probeer het over een paar minuten opnieuw.
not_live_yet = Registratie is gesloten tot de homeserver het nieuwe registratietoken accepteert. Dat duurt meestal een paar minuten; probeer het straks opnieuw.
too_many_come = Registratie is een tijdje gesloten, omdat er meer aanvragen komen dan normaal. Probeer het over een uur opnieuw.
cross_site = Dit verzoek kwam van een andere website. Gebruik het formulier op deze pagina.
form_incomplete = Het formulier is niet volledig aangekomen. Vul beide velden in.
ip_banned = Aanvragen vanaf jouw netwerkadres worden hier niet geaccepteerd.
rate_limited = Te veel aanvragen. Probeer het over { $span } opnieuw.
too_many_wait = Er wachten te veel aanvragen op goedkeuring. Er kunnen er geen meer bij tot de beheerder heeft beslist.
too_many_wait_of_net = Er wachten te veel aanvragen uit jouw netwerk op goedkeuring. Er kunnen er geen meer bij tot de beheerder heeft beslist.
mailbox_waits = Er wacht al een aanvraag met dit e-mailadres op goedkeuring. Er kan geen andere bij tot de beheerder heeft beslist.
email_banned = Aanvragen met dit e-mailadres worden hier niet geaccepteerd. Gebruik een ander adres.
email_in_use = Er is al een account of een aanvraag met dit e-mailadres, en elk adres kan er maar één hebben.
email_cooldown = We hebben kort geleden een e-mail naar dit adres gestuurd; kijk ook in de spammap. Je kunt het over { $span } opnieuw aanvragen.
username_unavailable = Deze gebruikersnaam is niet beschikbaar. Kies een andere.
homeserver_unreachable = De homeserver kon niet worden gevraagd of deze gebruikersnaam vrij is. Er is niets verloren; probeer het over een minuut opnieuw.
refused_because =
    De beheerder heeft je aanvraag bekeken en afgewezen:

    { $because }
refused_without_reason = De beheerder heeft je aanvraag bekeken en afgewezen.
ended_otherwise = Deze aanvraag is beëindigd.
lapsed = Je aanvraag heeft te lang op goedkeuring gewacht en is vervallen. Vraag het opnieuw aan.
