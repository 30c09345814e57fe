# Not yet read by somebody who speaks it.

token_subject = { $homeserver } の登録トークン
account_subject = { $homeserver } のアカウントを作成してください
account_preview = パスワードを決めれば、アカウントの準備は完了です。リンクの有効期限は { $until }（あと{ $span }）です。
your_account = アカウントを作成
this_is_the_link = 登録ページでパスワードを決めれば、アカウントの準備は完了です。その後は、お好きな Matrix クライアントでログインできます。
this_is_the_link_to_choose = 登録ページでユーザー名とパスワードを決めれば、アカウントの準備は完了です。その後は、お好きな Matrix クライアントでログインできます。
link_works_until = リンクは { $until } まで（あと{ $span }）、1回だけ使えます。他の人には教えないでください。
own_client = ご自分のクライアントを使いたい場合
own_client_token = リンクは開かずに、次の登録トークンをお使いください：
token_preview = 有効期限は { $until }（あと{ $span }）です。3ステップでアカウントを作成できます。
trial_email = 登録窓口の試用中です。このメールはフォルダーに書き込まれただけで誰にも送信されておらず、登録トークンも使えません。
your_token = 登録トークン
somebody_asked = あなた、またはあなたのメールアドレスを入力した方から、Matrix サーバー { $homeserver } のアカウントの申し込みがありました：
email_asked = あなたのアドレスからのメールで、Matrix サーバー { $homeserver } のアカウントの申し込みがありました：
this_is_the_token = このアカウントの登録トークンは次のとおりです：
works_until = 有効期限は { $until }（あと{ $span }）です。他の人には教えないでください。
short_way = いちばん簡単な方法
sign_up_page = { $homeserver } の登録ページで作成してください：
sign_up_page_filled = { $homeserver } の登録ページで作成してください。ユーザー名と登録トークンは入力済みです：
sign_up_page_with_name = { $homeserver } の登録ページで作成してください。ユーザー名は入力済みです：
sign_up_page_with_token = { $homeserver } の登録ページで作成してください。登録トークンは入力済みです：
create_the_account = アカウントを作成
three_steps = 3ステップでアカウントを作成
or_three_steps = または3ステップで
step_client = クライアント（Matrix を使うためのアプリ）を開きます。登録トークンに対応している必要があります。ウェブブラウザーで使えるこのクライアントと Element Desktop は対応しています。Element X と FluffyChat は対応していませんが、アカウントの作成後は利用できます。
step_client_of_page = クライアント（Matrix を使うためのアプリ）を開きます。ウェブブラウザーで使えるこのクライアント、Element Desktop、Element X など、ほとんどのものが使えます。{ $homeserver } の登録ページに移動し、そこで登録トークンを入力します。
step_homeserver = 「アカウントを作成」を選びます。別のホームサーバーが表示されている場合は、横の「編集」を選びます。使用するホームサーバー：
step_username = ユーザー名には次のとおり入力します：
step_username_within = ユーザー名には、次の @ と : の間の部分を入力します：
step_token = パスワードを決め、登録トークンの入力欄にトークンを貼り付けます。これはメールの確認コードではありません。確認コードを求められた場合は、別のメールで届きます。
not_you = お心当たりがありませんか？
not_you_what = このメールは無視してください。
not_you_tell = お知らせいただければ、今後このアドレスには何も送信しません：
expired = トークンの有効期限が切れましたか？
link_expired = リンクの有効期限が切れましたか？
expired_where = 同じユーザー名とアドレスで、もう一度お申し込みください：
expired_anywhere = 前回と同じところから、同じユーザー名とアドレスで、もう一度お申し込みください。
expired_by_email = 同じユーザー名で、もう一度 { $address } にメールをお送りください。

invitation_subject = { $homeserver } への招待
invitation_heading = 招待が届いています
invites = Matrix サーバー { $homeserver } の管理者から、アカウント作成の招待が届いています。
invites_as = Matrix サーバー { $homeserver } の管理者から、次のアカウントを作成するよう招待が届いています：
invitation_note = 管理者からのメッセージ：
invitation_expired = 招待した方に、新しい招待をご依頼ください。

request_subject = { $homeserver } のアカウントのお申し込みについて
refused =
    こんにちは。

    メールで { $homeserver } のアカウントをお申し込みいただきました。メールに書かれていたのは次のものです：

        { $name }

    { $why }
refused_without_name =
    こんにちは。

    メールで { $homeserver } のアカウントをお申し込みいただきました。

    { $why }
write_again =
    次の1行だけを書いて、もう一度 { $address } にメールをお送りください：

    ユーザー名：{ $example }
names_read =
    メールに書かれていたユーザー名は次のとおりです：

        { $names }
answered_by_operator =
    こんにちは。

    { $homeserver } の管理者がメールを拝見し、次のとおりお答えします：

    { $answer }
refused_by_operator =
    こんにちは。

    { $homeserver } のアカウントをお申し込みいただきましたが、管理者が確認した結果、お断りすることになりました：

    { $why }
help =
    こんにちは。

    { $homeserver } の登録窓口にメールをいただきましたが、ご希望のユーザー名を読み取れませんでした。

    { $problem }
address_is_known =
    こんにちは。

    どなたか（ご本人かもしれません）が、あなたのメールアドレスで { $homeserver } のアカウントを申し込みました。このアドレスのアカウントまたは申し込みがすでにあるため、何も変更しておらず、誰にも知らせていません。

    メールが届かないために申し込まれた場合は、しばらくしてから、最初に選んだユーザー名でもう一度お申し込みください。お心当たりがない場合は、このメールは無視してください。
no_longer =
    こんにちは。

    { $homeserver } のアカウントをお申し込みいただき、お待ちいただいていましたが、承認できなくなりました：

    { $why }
prove_subject = { $homeserver } に登録するメールアドレスをご確認ください
prove_address =
    こんにちは。

    あなた、またはあなたのメールアドレスを入力した方から、{ $homeserver } のアカウント { $id } の申し込みがありました。次のリンクを開いて、このアドレスがご本人のものであることを確認してください：

    { $link }

    リンクは24時間有効です。お心当たりがない場合は、このメールは無視してください。確認されなければ、申し込みは先に進みません。
form_too = フォームもあります：{ $url }
several_names = ユーザー名が複数書かれています。
no_name = ユーザー名が書かれていません。
