# Not yet read by somebody who speaks it.

email_missing = Merci d’indiquer votre adresse e-mail.
email_shape = Ce n’est pas une adresse e-mail. Elle devrait ressembler à name@example.org.
email_local_part = La partie de l’adresse avant le @ ne peut contenir que des lettres simples (a–z), des chiffres et des signes. Merci d’utiliser une autre adresse.
email_character = Cette adresse e-mail contient un caractère qui empêche l’envoi. Merci de la vérifier.
email_too_long = Cette adresse e-mail est trop longue pour exister. Merci de la vérifier.
email_literal = Merci d’indiquer une adresse avec un nom de domaine après le @, pas une adresse IP.
email_unseen = Il y a un caractère invisible ({ $which }) dans cette adresse e-mail. Merci de la saisir à la main.
email_route = Cette adresse e-mail indique un chemin vers un autre endroit (%, ! ou @…:). Merci d’indiquer l’adresse simple.
email_cannot_receive = Personne ne peut recevoir d’e-mails sur ce domaine. Merci de vérifier l’adresse.
did_you_mean = Vouliez-vous dire { $meant } ? Si { $typed } est correct, envoyez-le de nouveau.
yes_this_address = Oui, { $address }
no_this_address = Non, { $address } est correct
email_domain = La partie après le @ n’est pas un nom de domaine. Merci de vérifier l’adresse.
username_missing = Merci de choisir un nom d’utilisateur.
username_elsewhere = Les comptes créés ici se terminent par :{ $server }. Merci de saisir seulement la partie avant les deux-points.
username_character = Non autorisé dans un nom d’utilisateur : { $shown }. Merci d’utiliser seulement a–z, 0–9 et les signes . _ = - / +
username_too_long = Ce nom d’utilisateur est trop long. Il peut avoir { $most } caractères au plus.
answer_missing = Merci de répondre à la question : { $question }
answer_too_short = Merci de répondre en { $least } caractères au moins.
answer_too_long = Cette réponse est trop longue. Elle peut avoir { $most } caractères au plus.
terms_not_agreed = Merci de lire les conditions d’utilisation, et de cocher la case pour les accepter.
a_space = une espace
unseen_character = un caractère invisible ({ $which })
a_character = « { $character } »
