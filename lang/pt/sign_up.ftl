<<<<<<< HEAD
# pt: not yet translated.
=======
# Not yet read by somebody who speaks it.

sign_up_title = Crie sua conta em { $homeserver }
sign_up_heading = Crie sua conta
sign_up_heading_for = Crie sua conta { $mxid }
sign_up_what = Escolha uma senha e sua conta estará pronta. Você entra com ela em qualquer cliente Matrix.
sign_up_password = Senha
sign_up_password_hint = Uma senha longa, que você não use em nenhum outro lugar. Guarde-a no seu gerenciador de senhas.
sign_up_show = Mostrar a senha
sign_up_hide = Ocultar a senha
sign_up_username = Nome de usuário
sign_up_agree = Concordo com: { $policy }
sign_up_button = Criar conta
sign_up_working = Criando sua conta…
sign_up_in_line = O servidor cria uma conta de cada vez. Você está na fila; por favor, deixe esta página aberta.
sign_up_name_taken = Outra pessoa já tem este nome. Por favor, escolha outro.
sign_up_perhaps_yours = Este nome está ocupado, talvez pela sua própria conta: se você já enviou este formulário antes, use a mesma senha daquela vez.
sign_up_no_password = Por favor, escolha uma senha.
sign_up_weak = O servidor pede uma senha melhor: { $words }
sign_up_terms_missing = Por favor, concorde primeiro com os termos.
sign_up_refused = Você não pode criar uma conta aqui.
sign_up_waits = O servidor cria apenas um número limitado de contas por vez. Nada se perdeu: por favor, tente de novo em { $span }, com a mesma senha.
sign_up_unreachable = O servidor não respondeu. Nada se perdeu: por favor, tente de novo em um minuto, com a mesma senha.
sign_up_expired = Este link já não funciona
sign_up_expired_what = Ele expirou, ou um e-mail mais recente o substituiu. Por favor, procure um e-mail mais recente ou peça de novo.
sign_up_used = Este link já foi usado
sign_up_used_what = A conta { $mxid } foi criada. Entre com ela em qualquer cliente Matrix, com a senha que você escolheu.
sign_up_created = Sua conta está pronta
sign_up_created_message = Sua conta { $mxid } está pronta.
sign_up_trial = Em um teste, nenhuma conta é criada. No uso real, a sua já estaria pronta.
sign_up_id = Seu ID Matrix
sign_up_server = Servidor
sign_up_copy = Copiar
sign_up_copied = Copiado
sign_up_get_in = Entrar
sign_up_get_in_how = Abra um cliente, escolha { $homeserver } como servidor e entre com o seu nome de usuário e a sua senha.
sign_up_phone = No seu celular
sign_up_phone_how = Instale o Element X e leia este código com a câmera: ele abre com o seu servidor já preenchido.
sign_up_qr = Código QR para o Element X no seu celular
sign_up_room = Diga olá
sign_up_room_how = A sala de boas-vindas é { $room }.
>>>>>>> tr
