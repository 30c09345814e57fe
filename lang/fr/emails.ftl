# Not yet read by somebody who speaks it.

token_subject = Votre jeton d’inscription pour { $homeserver }
account_subject = Créez votre compte sur { $homeserver }
account_preview = Choisissez un mot de passe, et votre compte est prêt. Le lien est valable jusqu’à { $until }, soit encore { $span }.
your_account = Créer votre compte
this_is_the_link = Choisissez un mot de passe sur notre page, et le compte est prêt. Connectez-vous ensuite avec n’importe quel client Matrix.
this_is_the_link_to_choose = Choisissez un nom d’utilisateur et un mot de passe sur notre page, et le compte est prêt. Connectez-vous ensuite avec n’importe quel client Matrix.
link_works_until = Le lien fonctionne une seule fois, jusqu’à { $until }, soit encore { $span }. Merci de le garder pour vous.
own_client = Vous préférez votre propre client ?
own_client_token = Laissez alors le lien de côté et utilisez ce jeton d’inscription :
token_preview = Il est valable jusqu’à { $until }, soit encore { $span }. Trois étapes pour créer votre compte.
trial_email = Quelqu’un essaie le bureau d’inscription : cet e-mail a été écrit dans un dossier et envoyé à personne, et le jeton d’inscription ne donne accès à rien.
your_token = Votre jeton d’inscription
somebody_asked = Vous, ou quelqu’un qui a saisi votre adresse, avez demandé un compte sur le serveur Matrix { $homeserver } :
email_asked = Un e-mail envoyé de votre adresse demande un compte sur le serveur Matrix { $homeserver } :
this_is_the_token = Voici le jeton d’inscription correspondant :
works_until = Il est valable jusqu’à { $until }, soit encore { $span }. Merci de le garder pour vous.
short_way = Le plus court chemin vers votre compte
sign_up_page = Créez-le sur la page d’inscription de { $homeserver } :
sign_up_page_filled = Créez-le sur la page d’inscription de { $homeserver }, où le nom d’utilisateur et le jeton d’inscription sont déjà remplis :
sign_up_page_with_name = Créez-le sur la page d’inscription de { $homeserver }, où le nom d’utilisateur est déjà rempli :
sign_up_page_with_token = Créez-le sur la page d’inscription de { $homeserver }, où le jeton d’inscription est déjà rempli :
create_the_account = Créer le compte
three_steps = Trois étapes pour créer votre compte
or_three_steps = Ou en trois étapes
step_client = Ouvrez un client, le programme avec lequel vous utilisez Matrix. Il doit accepter les jetons d’inscription : c’est le cas de celui-ci, dans un navigateur, et d’Element Desktop. Ce n’est pas le cas d’Element X ni de FluffyChat ; une fois le compte créé, vous pourrez aussi les utiliser.
step_client_of_page = Ouvrez un client, le programme avec lequel vous utilisez Matrix : celui-ci dans un navigateur, Element Desktop, Element X ou la plupart des autres. Il vous mène à la page d’inscription de { $homeserver }, où le jeton d’inscription est demandé.
step_homeserver = Choisissez « Créer un compte ». Si un autre serveur est indiqué, choisissez « Modifier » à côté. Le vôtre est :
step_username = Comme nom d’utilisateur, saisissez :
step_username_within = Comme nom d’utilisateur, saisissez ce qui se trouve entre @ et : dans
step_token = Choisissez un mot de passe, et collez le jeton d’inscription là où il est demandé. Ce n’est pas un code envoyé par e-mail : si l’on vous en demande un, il arrive dans un autre e-mail.
not_you = Vous n’avez rien demandé ?
not_you_what = Ignorez simplement cet e-mail.
not_you_tell = Dites-le-nous, et cette adresse ne recevra plus rien :
expired = Jeton expiré ?
link_expired = Lien expiré ?
expired_where = Refaites une demande avec le même nom et la même adresse :
expired_anywhere = Refaites une demande au même endroit, avec le même nom et la même adresse.
expired_by_email = Écrivez de nouveau à { $address }, avec le même nom d’utilisateur.

invitation_subject = Invitation sur { $homeserver }
invitation_heading = Vous avez reçu une invitation
invites = L’administrateur du serveur Matrix { $homeserver } vous invite à y créer un compte.
invites_as = L’administrateur du serveur Matrix { $homeserver } vous invite à créer ce compte :
invitation_note = Voici son message :
invitation_expired = Demandez une nouvelle invitation à la personne qui vous a invité.

request_subject = Votre demande de compte sur { $homeserver }
refused =
    Bonjour,

    vous avez demandé par e-mail un compte sur { $homeserver }, et voici celui que votre e-mail indique :

        { $name }

    { $why }
refused_without_name =
    Bonjour,

    vous avez demandé par e-mail un compte sur { $homeserver }.

    { $why }
write_again =
    Merci d’écrire de nouveau à { $address }, avec une seule ligne :

    Nom d’utilisateur : { $example }
names_read =
    Voici ce que votre e-mail indique comme nom d’utilisateur :

        { $names }
answered_by_operator =
    Bonjour,

    l’administrateur de { $homeserver } a lu votre e-mail et vous répond :

    { $answer }
refused_by_operator =
    Bonjour,

    vous avez demandé un compte sur { $homeserver }. L’administrateur a examiné votre demande et l’a refusée :

    { $why }
help =
    Bonjour,

    vous avez écrit au bureau d’inscription de { $homeserver }, qui n’a pas pu comprendre quel nom d’utilisateur vous souhaitez.

    { $problem }
address_is_known =
    Bonjour,

    quelqu’un, peut-être vous, a demandé un compte sur { $homeserver } avec votre adresse e-mail. Il existe déjà un compte ou une demande avec cette adresse : rien n’a donc été modifié et personne n’a été prévenu.

    Si vous avez fait cette demande parce qu’un e-mail n’est pas arrivé, réessayez plus tard avec le nom d’utilisateur choisi la première fois. Si ce n’était pas vous, ignorez simplement ce message.
no_longer =
    Bonjour,

    vous avez demandé un compte sur { $homeserver }, et votre demande a dû attendre. Elle ne peut plus être acceptée :

    { $why }
prove_subject = Merci de confirmer votre adresse pour { $homeserver }
prove_address =
    Bonjour,

    vous, ou quelqu’un qui a saisi votre adresse, avez demandé le compte { $id } sur { $homeserver }. Merci de confirmer que cette adresse est la vôtre :

    { $link }

    Le lien fonctionne pendant 24 heures. Si vous n’avez rien demandé, ignorez simplement cet e-mail : sans confirmation, la demande reste sans suite.
form_too = Il y a aussi un formulaire : { $url }
several_names = Plusieurs noms d’utilisateur sont indiqués.
no_name = Aucun nom d’utilisateur n’est indiqué.
