# Not yet read by somebody who speaks it.

email_missing = 請填寫電子郵件地址。
email_shape = 這不是電子郵件地址。格式應類似 name@example.org。
email_local_part = 地址中 @ 之前的部分只能有一般字母（a–z）、數字和符號。請使用其他地址。
email_character = 這個電子郵件地址中有無法用於收信的字元。請檢查。
email_too_long = 這個電子郵件地址太長，不可能存在。請檢查。
email_literal = 請填寫 @ 後面是網域名稱的地址，而不是 IP 位址。
email_unseen = 這個電子郵件地址中有看不見的字元（{ $which }）。請手動輸入。
email_route = 這個電子郵件地址包含指向別處的路徑（%、! 或 @…:）。請填寫一般地址。
email_cannot_receive = 這個網域無法接收電子郵件。請檢查地址。
did_you_mean = 您是想寫 { $meant } 嗎？如果 { $typed } 沒有錯，請再送出一次。
yes_this_address = 是的，{ $address }
no_this_address = 不，{ $address } 沒有錯
email_domain = @ 後面的部分不是網域名稱。請檢查地址。
username_missing = 請選擇使用者名稱。
username_elsewhere = 在這裡建立的帳號以 :{ $server } 結尾。請只填寫冒號之前的部分。
username_character = 使用者名稱中不能有{ $shown }。請只使用 a–z、0–9 和符號 . _ = - / +
username_too_long = 使用者名稱太長，最多 { $most } 個字元。
answer_missing = 請回答問題：{ $question }
answer_too_short = 回答至少要有 { $least } 個字元。
answer_too_long = 回答太長，最多 { $most } 個字元。
terms_not_agreed = 請閱讀條款，並勾選表示同意。
a_space = 空格
unseen_character = 看不見的字元（{ $which }）
a_character = 「{ $character }」
