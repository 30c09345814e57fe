<<<<<<< HEAD
# ja: not yet translated.
=======
# Not yet read by somebody who speaks it.

sign_up_title = { $homeserver } のアカウントを作成
sign_up_heading = アカウントを作成
sign_up_heading_for = アカウント { $mxid } を作成
sign_up_what = パスワードを決めれば、アカウントの準備は完了です。お好きな Matrix クライアントでログインできます。
sign_up_password = パスワード
sign_up_password_hint = 他では使っていない長いものにし、パスワードマネージャーに保存してください。
sign_up_show = パスワードを表示
sign_up_hide = パスワードを隠す
sign_up_username = ユーザー名
sign_up_agree = { $policy } に同意します
sign_up_button = アカウントを作成
sign_up_working = アカウントを作成しています…
sign_up_in_line = ホームサーバーはアカウントを1つずつ作成します。順番待ちですので、このページを開いたままお待ちください。
sign_up_name_taken = この名前は、すでに他の人が使っています。別のものを選んでください。
sign_up_perhaps_yours = この名前はすでに使われています。ご自分のアカウントかもしれません。以前にこのフォームを送信した場合は、そのときと同じパスワードをお使いください。
sign_up_no_password = パスワードを入力してください。
sign_up_weak = ホームサーバーがより強いパスワードを求めています：{ $words }
sign_up_terms_missing = 先に利用規約に同意してください。
sign_up_refused = ここではアカウントを作成できません。
sign_up_waits = ホームサーバーが一度に作成できるアカウントの数には限りがあります。何も失われていません。{ $span }後に、同じパスワードでもう一度お試しください。
sign_up_unreachable = ホームサーバーが応答しませんでした。何も失われていません。1分ほど待ってから、同じパスワードでもう一度お試しください。
sign_up_expired = このリンクは使えなくなりました
sign_up_expired_what = 有効期限が切れたか、新しいメールに置き換えられました。新しいメールを探すか、もう一度お申し込みください。
sign_up_used = このリンクは使用済みです
sign_up_used_what = アカウント { $mxid } は作成されました。お決めになったパスワードで、お好きな Matrix クライアントでログインしてください。
sign_up_created = アカウントの準備ができました
sign_up_created_message = アカウント { $mxid } の準備ができました。
sign_up_trial = 試用ではアカウントは作成されません。実際の登録窓口なら、これでアカウントの準備が完了です。
sign_up_id = Matrix ID
sign_up_server = ホームサーバー
sign_up_copy = コピー
sign_up_copied = コピーしました
sign_up_get_in = ログイン
sign_up_get_in_how = クライアントを開き、ホームサーバーに { $homeserver } を選んで、ユーザー名とパスワードでログインします。
sign_up_phone = スマートフォンで
sign_up_phone_how = Element X をインストールし、このコードを読み取ってください。ホームサーバーが入力された状態で開きます。
sign_up_qr = スマートフォンの Element X 用の QR コード
sign_up_room = あいさつしてみましょう
sign_up_room_how = ウェルカムルームは { $room } です。
>>>>>>> tr
