# Not yet read by somebody who speaks it.

token_subject = 您在 { $homeserver } 的註冊權杖
account_subject = 在 { $homeserver } 建立帳號
account_preview = 設定密碼，帳號就能使用。連結在 { $until } 之前有效，還剩 { $span }。
your_account = 建立您的帳號
this_is_the_link = 在我們的網頁上設定密碼，帳號就準備好了。之後可以在任何 Matrix 用戶端登入。
this_is_the_link_to_choose = 在我們的網頁上選擇使用者名稱並設定密碼，帳號就準備好了。之後可以在任何 Matrix 用戶端登入。
link_works_until = 連結只能使用一次，在 { $until } 之前有效，還剩 { $span }。請勿告訴他人。
own_client = 想用自己的用戶端？
own_client_token = 那就不必點連結，直接使用這個註冊權杖：
token_preview = 在 { $until } 之前有效，還剩 { $span }。三個步驟就能擁有帳號。
trial_email = 有人在試用註冊服務台：這封郵件只寫進了資料夾，沒有寄給任何人，其中的註冊權杖也沒有任何作用。
your_token = 您的註冊權杖
somebody_asked = 您（或輸入了您的電子郵件地址的人）申請了 Matrix 伺服器 { $homeserver } 上的帳號：
email_asked = 我們收到一封從您的地址寄來的郵件，申請 Matrix 伺服器 { $homeserver } 上的帳號：
this_is_the_token = 這是申請該帳號用的註冊權杖：
works_until = 權杖在 { $until } 之前有效，還剩 { $span }。請勿告訴他人。
short_way = 最快的方法
sign_up_page = 在 { $homeserver } 的註冊頁面建立帳號：
sign_up_page_filled = 在 { $homeserver } 的註冊頁面建立帳號，使用者名稱和註冊權杖都已填好：
sign_up_page_with_name = 在 { $homeserver } 的註冊頁面建立帳號，使用者名稱已填好：
sign_up_page_with_token = 在 { $homeserver } 的註冊頁面建立帳號，註冊權杖已填好：
create_the_account = 建立帳號
three_steps = 三個步驟建立帳號
or_three_steps = 或是分三個步驟完成
step_client = 開啟一個用戶端，也就是用來使用 Matrix 的程式。它必須支援註冊權杖：這個網頁版用戶端支援，Element Desktop 也支援。Element X 和 FluffyChat 不支援，但有了帳號之後也可以使用它們。
step_client_of_page = 開啟一個用戶端，也就是用來使用 Matrix 的程式：這個網頁版用戶端、Element Desktop、Element X 或大多數其他用戶端都可以。它會帶您前往 { $homeserver } 的註冊頁面，在那裡輸入註冊權杖。
step_homeserver = 選擇「建立帳號」。如果顯示的是別的家伺服器，請點旁邊的「編輯」。您的家伺服器是：
step_username = 使用者名稱請填寫：
step_username_within = 使用者名稱請填寫下面 @ 和 : 之間的部分：
step_token = 設定密碼，並在要求輸入註冊權杖的地方貼上權杖。它不是電子郵件驗證碼：如果需要驗證碼，會另外寄一封郵件。
not_you = 這不是您申請的？
not_you_what = 忽略這封郵件即可。
not_you_tell = 請告訴我們，這個地址以後就不會再收到任何郵件：
expired = 權杖過期了？
link_expired = 連結過期了？
expired_where = 請用相同的使用者名稱和電子郵件地址重新申請：
expired_anywhere = 請在原本申請的地方，用相同的使用者名稱和電子郵件地址重新申請。
expired_by_email = 請用相同的使用者名稱再次寫信到 { $address }。

invitation_subject = 邀請您加入 { $homeserver }
invitation_heading = 您收到了邀請
invites = Matrix 伺服器 { $homeserver } 的管理員邀請您在那裡建立帳號。
invites_as = Matrix 伺服器 { $homeserver } 的管理員邀請您建立以下帳號：
invitation_note = 管理員的留言：
invitation_expired = 請向邀請您的人索取新的邀請。

request_subject = 您對 { $homeserver } 帳號的申請
refused =
    您好，

    您以電子郵件申請了 { $homeserver } 上的帳號，信中寫的是：

        { $name }

    { $why }
refused_without_name =
    您好，

    您以電子郵件申請了 { $homeserver } 上的帳號。

    { $why }
write_again =
    請再次寫信到 { $address }，只要寫這一行：

    使用者名稱：{ $example }
names_read =
    您的郵件中寫的使用者名稱是：

        { $names }
answered_by_operator =
    您好，

    { $homeserver } 的管理員看過您的郵件，回覆如下：

    { $answer }
refused_by_operator =
    您好，

    您申請了 { $homeserver } 上的帳號。管理員看過您的申請後拒絕了：

    { $why }
help =
    您好，

    您寫信到 { $homeserver } 的註冊服務台，但我們無法從信中看出您想要的使用者名稱。

    { $problem }
address_is_known =
    您好，

    有人（也許就是您）用您的電子郵件地址申請了 { $homeserver } 上的帳號。這個地址已經有帳號或申請，因此沒有做任何變更，也沒有告知任何人。

    如果您是因為沒收到郵件才申請，請稍後用最初選擇的使用者名稱再申請一次。如果不是您申請的，忽略這封郵件即可。
no_longer =
    您好，

    您申請了 { $homeserver } 上的帳號，先前您的申請一直在等候。現在已無法核准：

    { $why }
prove_subject = 請確認您在 { $homeserver } 填寫的電子郵件地址
prove_address =
    您好，

    您（或輸入了您的電子郵件地址的人）申請了 { $homeserver } 上的帳號 { $id }。請確認這個地址是您的：

    { $link }

    連結在 24 小時內有效。如果不是您申請的，忽略這封郵件即可：未經確認，申請就不會繼續。
form_too = 也可以使用表單：{ $url }
several_names = 信中寫了多個使用者名稱。
no_name = 信中沒有寫使用者名稱。
