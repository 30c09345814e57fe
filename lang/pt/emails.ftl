# Not yet read by somebody who speaks it.

token_subject = Seu token de registro para { $homeserver }
account_subject = Crie sua conta em { $homeserver }
account_preview = Escolha uma senha e sua conta estará pronta. O link funciona até às { $until }, por mais { $span }.
your_account = Crie sua conta
this_is_the_link = Escolha uma senha na nossa página e a conta estará pronta. Depois entre com ela em qualquer cliente Matrix.
this_is_the_link_to_choose = Escolha um nome de usuário e uma senha na nossa página e a conta estará pronta. Depois entre com ela em qualquer cliente Matrix.
link_works_until = O link funciona uma só vez, até às { $until }, por mais { $span }. Por favor, não o passe a ninguém.
own_client = Prefere o seu próprio cliente?
own_client_token = Então deixe o link de lado e use este token de registro:
token_preview = Funciona até às { $until }, por mais { $span }. Três passos para criar sua conta.
trial_email = Alguém está testando o balcão de registro: este e-mail foi gravado em uma pasta e não foi enviado a ninguém, e o token de registro não dá acesso a nada.
your_token = Seu token de registro
somebody_asked = Você, ou alguém que digitou seu endereço, pediu uma conta no servidor Matrix { $homeserver }:
email_asked = Um e-mail do seu endereço pediu uma conta no servidor Matrix { $homeserver }:
this_is_the_token = Este é o token de registro para ela:
works_until = Funciona até às { $until }, por mais { $span }. Por favor, não o passe a ninguém.
short_way = O caminho curto para a sua conta
sign_up_page = Crie-a na página de registro de { $homeserver }:
sign_up_page_filled = Crie-a na página de registro de { $homeserver }, onde o nome de usuário e o token de registro já estão preenchidos:
sign_up_page_with_name = Crie-a na página de registro de { $homeserver }, onde o nome de usuário já está preenchido:
sign_up_page_with_token = Crie-a na página de registro de { $homeserver }, onde o token de registro já está preenchido:
create_the_account = Criar a conta
three_steps = Três passos para criar sua conta
or_three_steps = Ou em três passos
step_client = Abra um cliente, o programa com que você usa o Matrix. Ele precisa aceitar tokens de registro: este, no navegador, aceita, e o Element Desktop também. O Element X e o FluffyChat não aceitam, mas você poderá usá-los quando tiver a conta.
step_client_of_page = Abra um cliente, o programa com que você usa o Matrix: este no navegador, o Element Desktop, o Element X ou quase qualquer outro. Ele leva você à página de registro de { $homeserver }, onde o token de registro é pedido.
step_homeserver = Escolha "Criar conta". Se outro servidor estiver indicado, escolha "Editar" ao lado dele. O seu é:
step_username = Como nome de usuário, digite:
step_username_within = Como nome de usuário, digite o que está entre @ e : em
step_token = Escolha uma senha e cole o token de registro onde ele for pedido. Não é um código de e-mail: se pedirem um desses, ele chega em outro e-mail.
not_you = Não foi você que pediu?
not_you_what = Simplesmente ignore este e-mail.
not_you_tell = Avise-nos, e este endereço não receberá mais nada:
expired = O token expirou?
link_expired = O link expirou?
expired_where = Peça de novo com o mesmo nome e o mesmo endereço:
expired_anywhere = Peça de novo onde pediu este, com o mesmo nome e o mesmo endereço.
expired_by_email = Escreva de novo para { $address }, com o mesmo nome de usuário.

invitation_subject = Convite para { $homeserver }
invitation_heading = Você recebeu um convite
invites = O administrador do servidor Matrix { $homeserver } convida você a criar uma conta nele.
invites_as = O administrador do servidor Matrix { $homeserver } convida você a criar esta conta:
invitation_note = A mensagem dele:
invitation_expired = Peça um novo convite a quem convidou você.

request_subject = Seu pedido de uma conta em { $homeserver }
refused =
    Olá,

    você pediu por e-mail uma conta em { $homeserver }, e esta é a que o seu e-mail indica:

        { $name }

    { $why }
refused_without_name =
    Olá,

    você pediu por e-mail uma conta em { $homeserver }.

    { $why }
write_again =
    Por favor, escreva de novo para { $address }, com apenas uma linha:

    Nome de usuário: { $example }
names_read =
    Isto é o que o seu e-mail indica como nome de usuário:

        { $names }
answered_by_operator =
    Olá,

    o administrador de { $homeserver } leu o seu e-mail e responde:

    { $answer }
refused_by_operator =
    Olá,

    você pediu uma conta em { $homeserver }. O administrador analisou o seu pedido e o recusou:

    { $why }
help =
    Olá,

    você escreveu para o balcão de registro de { $homeserver }, e não foi possível entender qual nome de usuário você quer.

    { $problem }
address_is_known =
    Olá,

    alguém, talvez você, pediu uma conta em { $homeserver } com o seu endereço de e-mail. Já existe uma conta ou um pedido com este endereço, por isso nada foi alterado e ninguém foi avisado.

    Se você pediu porque um e-mail não chegou, peça de novo mais tarde com o nome de usuário que escolheu primeiro. Se não foi você, simplesmente ignore esta mensagem.
no_longer =
    Olá,

    você pediu uma conta em { $homeserver }, e o seu pedido teve de esperar. Ele já não pode ser atendido:

    { $why }
prove_subject = Confirme o seu endereço para { $homeserver }
prove_address =
    Olá,

    você, ou alguém que digitou o seu endereço, pediu a conta { $id } em { $homeserver }. Por favor, confirme que este endereço é seu:

    { $link }

    O link funciona por 24 horas. Se você não pediu isto, simplesmente ignore este e-mail: sem a confirmação, o pedido não segue adiante.
form_too = Há também um formulário: { $url }
several_names = Há vários nomes de usuário indicados.
no_name = Nenhum nome de usuário está indicado.
