# Not yet read by somebody who speaks it.

closed_until = Les inscriptions sont fermées pendant le remplacement du jeton d’inscription. Elles rouvrent à { $time }.
paused = Les inscriptions sont suspendues pour le moment. Merci de réessayer plus tard.
being_updated = Les inscriptions sont fermées pendant une mise à jour. Merci de réessayer dans quelques minutes.
not_live_yet = Les inscriptions sont fermées jusqu’à ce que le serveur accepte le nouveau jeton d’inscription. Cela prend en général quelques minutes ; merci de réessayer bientôt.
too_many_come = Les inscriptions sont fermées pour un moment, car il arrive plus de demandes que d’habitude. Merci de réessayer dans une heure.
cross_site = Cette demande vient d’un autre site. Merci d’utiliser le formulaire de cette page.
form_incomplete = Le formulaire n’est pas arrivé en entier. Merci de remplir les deux champs.
ip_banned = Les demandes venant de votre adresse réseau ne sont pas acceptées ici.
rate_limited = Trop de demandes. Merci de réessayer dans { $span }.
too_many_wait = Trop de demandes attendent une approbation. Aucune autre ne peut être acceptée avant la décision de l’administrateur.
too_many_wait_of_net = Trop de demandes venant de votre réseau attendent une approbation. Aucune autre ne peut être acceptée avant la décision de l’administrateur.
mailbox_waits = Une demande avec cette adresse e-mail attend déjà une approbation. Aucune autre ne peut être acceptée avant la décision de l’administrateur.
email_banned = Les demandes avec cette adresse e-mail ne sont pas acceptées ici. Merci d’en utiliser une autre.
email_in_use = Il existe déjà un compte ou une demande avec cette adresse e-mail, et chaque adresse ne peut en avoir qu’un.
email_cooldown = Nous avons envoyé un e-mail à cette adresse il y a peu ; regardez aussi dans les courriers indésirables. Vous pourrez refaire une demande dans { $span }.
username_unavailable = Ce nom d’utilisateur n’est pas disponible. Merci d’en choisir un autre.
homeserver_unreachable = Il n’a pas été possible de demander au serveur si ce nom d’utilisateur est libre. Rien n’est perdu ; merci de réessayer dans une minute.
refused_because =
    L’administrateur a examiné votre demande et l’a refusée :

    { $because }
refused_without_reason = L’administrateur a examiné votre demande et l’a refusée.
ended_otherwise = Cette demande est terminée.
lapsed = Votre demande a attendu trop longtemps une approbation et a expiré. Merci d’en refaire une.
