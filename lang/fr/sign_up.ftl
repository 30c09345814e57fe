<<<<<<< HEAD
# fr: not yet translated.
=======
# Not yet read by somebody who speaks it.

sign_up_title = Créez votre compte sur { $homeserver }
sign_up_heading = Créez votre compte
sign_up_heading_for = Créez votre compte { $mxid }
sign_up_what = Choisissez un mot de passe, et votre compte est prêt. Vous vous connecterez avec n’importe quel client Matrix.
sign_up_password = Mot de passe
sign_up_password_hint = Un mot de passe long, que vous n’utilisez nulle part ailleurs. Enregistrez-le dans votre gestionnaire de mots de passe.
sign_up_show = Afficher le mot de passe
sign_up_hide = Masquer le mot de passe
sign_up_username = Nom d’utilisateur
sign_up_agree = J’accepte : { $policy }
sign_up_button = Créer le compte
sign_up_working = Création de votre compte…
sign_up_in_line = Le serveur crée les comptes un par un. Vous êtes dans la file ; merci de laisser cette page ouverte.
sign_up_name_taken = Quelqu’un d’autre a pris ce nom entre-temps. Merci d’en choisir un autre.
sign_up_perhaps_yours = Ce nom est pris, peut-être par votre propre compte : si vous avez déjà envoyé ce formulaire, utilisez le même mot de passe que la première fois.
sign_up_no_password = Merci de choisir un mot de passe.
sign_up_weak = Le serveur demande un meilleur mot de passe : { $words }
sign_up_terms_missing = Merci d’accepter d’abord les conditions.
sign_up_refused = Vous ne pouvez pas créer de compte ici.
sign_up_waits = Le serveur ne crée qu’un nombre limité de comptes à la fois. Rien n’est perdu : merci de réessayer dans { $span }, avec le même mot de passe.
sign_up_unreachable = Le serveur n’a pas répondu. Rien n’est perdu : merci de réessayer dans une minute, avec le même mot de passe.
sign_up_expired = Ce lien ne fonctionne plus
sign_up_expired_what = Il a expiré, ou un e-mail plus récent l’a remplacé. Merci de chercher un e-mail plus récent, ou de refaire une demande.
sign_up_used = Ce lien a déjà été utilisé
sign_up_used_what = Le compte { $mxid } a été créé. Connectez-vous avec n’importe quel client Matrix, avec le mot de passe que vous avez choisi.
sign_up_created = Votre compte est prêt
sign_up_created_message = Votre compte { $mxid } est prêt.
sign_up_trial = Lors d’un essai, aucun compte n’est créé. En conditions réelles, le vôtre serait prêt maintenant.
sign_up_id = Votre identifiant Matrix
sign_up_server = Serveur
sign_up_copy = Copier
sign_up_copied = Copié
sign_up_get_in = Connectez-vous
sign_up_get_in_how = Ouvrez un client, choisissez { $homeserver } comme serveur, et connectez-vous avec votre nom d’utilisateur et votre mot de passe.
sign_up_phone = Sur votre téléphone
sign_up_phone_how = Installez Element X, puis scannez ce code : l’application s’ouvre avec votre serveur déjà rempli.
sign_up_qr = Code QR pour Element X sur votre téléphone
sign_up_room = Dites bonjour
sign_up_room_how = Le salon de bienvenue est { $room }.
>>>>>>> tr
