# Not yet read by somebody who speaks it.

email_missing = 请填写邮箱地址。
email_shape = 这不是邮箱地址。格式应类似 name@example.org。
email_local_part = 地址中 @ 之前的部分只能包含普通字母（a–z）、数字和符号。请使用其他地址。
email_character = 此邮箱地址中有无法用于收发邮件的字符。请检查。
email_too_long = 此邮箱地址太长，不可能存在。请检查。
email_literal = 请填写 @ 后面是域名的地址，而不是 IP 地址。
email_unseen = 此邮箱地址中有看不见的字符（{ $which }）。请手动输入。
email_route = 此邮箱地址包含指向别处的路径（%、! 或 @…:）。请填写普通地址。
email_cannot_receive = 此域名无法接收邮件。请检查地址。
did_you_mean = 您是想写 { $meant } 吗？如果 { $typed } 没有错，请再次提交。
yes_this_address = 是的，{ $address }
no_this_address = 不，{ $address } 没有错
email_domain = @ 后面的部分不是域名。请检查地址。
username_missing = 请选择用户名。
username_elsewhere = 在这里创建的账号以 :{ $server } 结尾。请只填写冒号之前的部分。
username_character = 用户名中不能有{ $shown }。请只使用 a–z、0–9 和符号 . _ = - / +
username_too_long = 用户名太长，最多 { $most } 个字符。
answer_missing = 请回答问题：{ $question }
answer_too_short = 回答至少要有 { $least } 个字符。
answer_too_long = 回答太长，最多 { $most } 个字符。
terms_not_agreed = 请阅读条款，并勾选表示同意。
a_space = 空格
unseen_character = 看不见的字符（{ $which }）
a_character = “{ $character }”
