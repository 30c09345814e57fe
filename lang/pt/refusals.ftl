# Not yet read by somebody who speaks it.

closed_until = O registro está fechado enquanto o token de registro é substituído. Abre de novo às { $time }.
paused = O registro está em pausa no momento. Por favor, tente mais tarde.
being_updated = O registro está fechado para uma atualização. Por favor, tente de novo em alguns minutos.
not_live_yet = O registro está fechado até que o servidor aceite o novo token de registro. Isso costuma levar alguns minutos; por favor, tente de novo em breve.
too_many_come = O registro está fechado por um tempo, porque chegam mais pedidos do que o normal. Por favor, tente de novo em uma hora.
cross_site = Este pedido veio de outro site. Por favor, use o formulário desta página.
form_incomplete = O formulário não chegou completo. Por favor, preencha os dois campos.
ip_banned = Pedidos do seu endereço de rede não são aceitos aqui.
rate_limited = Pedidos demais. Por favor, tente de novo em { $span }.
too_many_wait = Há pedidos demais à espera de aprovação. Não podemos receber mais até que o administrador decida.
too_many_wait_of_net = Há pedidos demais da sua rede à espera de aprovação. Não podemos receber mais até que o administrador decida.
mailbox_waits = Um pedido com este endereço de e-mail já está à espera de aprovação. Não podemos receber outro até que o administrador decida.
email_banned = Pedidos com este endereço de e-mail não são aceitos aqui. Por favor, use outro.
email_in_use = Já existe uma conta ou um pedido com este endereço de e-mail, e cada endereço só pode ter uma conta.
email_cooldown = Enviamos um e-mail para este endereço há pouco tempo; veja também na pasta de spam. Você pode pedir de novo em { $span }.
username_unavailable = Este nome de usuário não está disponível. Por favor, escolha outro.
homeserver_unreachable = Não foi possível perguntar ao servidor se este nome de usuário está livre. Nada se perdeu; por favor, tente de novo em um minuto.
refused_because =
    O administrador analisou o seu pedido e o recusou:

    { $because }
refused_without_reason = O administrador analisou o seu pedido e o recusou.
ended_otherwise = Este pedido terminou.
lapsed = O seu pedido esperou tempo demais pela aprovação e expirou. Por favor, peça de novo.
