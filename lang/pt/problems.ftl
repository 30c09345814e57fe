# Not yet read by somebody who speaks it.

email_missing = Por favor, indique o seu endereço de e-mail.
email_shape = Isto não é um endereço de e-mail. Ele deve ser parecido com name@example.org.
email_local_part = A parte do endereço antes do @ só pode ter letras simples (a–z), algarismos e sinais. Por favor, use outro endereço.
email_character = Este endereço de e-mail tem um caractere para o qual não se pode enviar e-mail. Por favor, verifique-o.
email_too_long = Este endereço de e-mail é longo demais para existir. Por favor, verifique-o.
email_literal = Por favor, indique um endereço com um nome de domínio depois do @, e não um endereço IP.
email_unseen = Há um caractere invisível ({ $which }) neste endereço de e-mail. Por favor, digite-o à mão.
email_route = Este endereço de e-mail indica um caminho para outro lugar (%, ! ou @…:). Por favor, indique o endereço simples.
email_cannot_receive = Ninguém pode receber e-mail neste domínio. Por favor, verifique o endereço.
did_you_mean = Você quis dizer { $meant }? Se { $typed } estiver certo, envie de novo.
yes_this_address = Sim, { $address }
no_this_address = Não, { $address } está certo
email_domain = A parte depois do @ não é um nome de domínio. Por favor, verifique o endereço.
username_missing = Por favor, escolha um nome de usuário.
username_elsewhere = As contas criadas aqui terminam em :{ $server }. Por favor, digite só a parte antes dos dois-pontos.
username_character = Um nome de usuário não pode conter { $shown }. Por favor, use só a–z, 0–9 e os sinais . _ = - / +
username_too_long = Este nome de usuário é longo demais. Ele pode ter no máximo { $most } caracteres.
answer_missing = Por favor, responda à pergunta: { $question }
answer_too_short = Por favor, responda com pelo menos { $least } caracteres.
answer_too_long = Esta resposta é longa demais. Ela pode ter no máximo { $most } caracteres.
terms_not_agreed = Por favor, leia os termos de uso e marque a caixa para concordar com eles.
a_space = um espaço
unseen_character = um caractere invisível ({ $which })
a_character = “{ $character }”
