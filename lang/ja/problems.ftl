# Not yet read by somebody who speaks it.

email_missing = メールアドレスを入力してください。
email_shape = これはメールアドレスではありません。name@example.org のような形で入力してください。
email_local_part = アドレスの @ より前の部分に使えるのは、英字（a–z）、数字、記号だけです。別のアドレスをお使いください。
email_character = このメールアドレスには、メールの送信に使えない文字が含まれています。ご確認ください。
email_too_long = このメールアドレスは長すぎます。ご確認ください。
email_literal = @ の後が IP アドレスではなく、ドメイン名のアドレスを入力してください。
email_unseen = このメールアドレスには、見えない文字（{ $which }）が含まれています。手で入力してください。
email_route = このメールアドレスには、別の場所への経路（%、!、@…:）が含まれています。通常のアドレスを入力してください。
email_cannot_receive = このドメインではメールを受信できません。アドレスをご確認ください。
did_you_mean = { $meant } ではありませんか？ { $typed } で正しければ、もう一度送信してください。
yes_this_address = はい、{ $address } です
no_this_address = いいえ、{ $address } で正しいです
email_domain = @ の後の部分がドメイン名ではありません。アドレスをご確認ください。
username_missing = ユーザー名を入力してください。
username_elsewhere = ここで作成されるアカウントの末尾は :{ $server } です。コロンより前の部分だけを入力してください。
username_character = ユーザー名に{ $shown }は使えません。使えるのは a–z、0–9 と記号 . _ = - / + だけです
username_too_long = ユーザー名が長すぎます。{ $most }文字以内にしてください。
answer_missing = 質問にお答えください：{ $question }
answer_too_short = { $least }文字以上でお答えください。
answer_too_long = 回答が長すぎます。{ $most }文字以内にしてください。
terms_not_agreed = 利用規約を読み、同意する場合はチェックを入れてください。
a_space = 空白
unseen_character = 見えない文字（{ $which }）
a_character = 「{ $character }」
