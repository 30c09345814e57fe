# Not yet read by somebody who speaks it.

token_subject = 您在 { $homeserver } 的注册令牌
account_subject = 在 { $homeserver } 创建账号
account_preview = 设置密码，账号即可使用。链接在 { $until } 之前有效，还剩 { $span }。
your_account = 创建您的账号
this_is_the_link = 在我们的页面上设置密码，账号就准备好了。之后可以在任意 Matrix 客户端中登录。
this_is_the_link_to_choose = 在我们的页面上选择用户名并设置密码，账号就准备好了。之后可以在任意 Matrix 客户端中登录。
link_works_until = 链接只能使用一次，在 { $until } 之前有效，还剩 { $span }。请勿告诉他人。
own_client = 想用自己的客户端？
own_client_token = 那就不用点链接，直接使用这个注册令牌：
token_preview = 在 { $until } 之前有效，还剩 { $span }。三步即可拥有账号。
trial_email = 有人在试用注册处：这封邮件只写入了文件夹，没有发给任何人，其中的注册令牌也没有任何作用。
your_token = 您的注册令牌
somebody_asked = 您（或填写了您的邮箱地址的人）申请了 Matrix 服务器 { $homeserver } 上的账号：
email_asked = 我们收到一封从您的邮箱地址发出的邮件，申请 Matrix 服务器 { $homeserver } 上的账号：
this_is_the_token = 对应的注册令牌是：
works_until = 令牌在 { $until } 之前有效，还剩 { $span }。请勿告诉他人。
short_way = 最快的方法
sign_up_page = 在 { $homeserver } 的注册页面上创建账号：
sign_up_page_filled = 在 { $homeserver } 的注册页面上创建账号，用户名和注册令牌已经填好：
sign_up_page_with_name = 在 { $homeserver } 的注册页面上创建账号，用户名已经填好：
sign_up_page_with_token = 在 { $homeserver } 的注册页面上创建账号，注册令牌已经填好：
create_the_account = 创建账号
three_steps = 三步创建账号
or_three_steps = 或者分三步完成
step_client = 打开一个客户端，也就是用来使用 Matrix 的程序。它必须支持注册令牌：这个网页版客户端支持，Element Desktop 也支持。Element X 和 FluffyChat 不支持，但有了账号之后也可以使用它们。
step_client_of_page = 打开一个客户端，也就是用来使用 Matrix 的程序：这个网页版客户端、Element Desktop、Element X 或大多数其他客户端都可以。它会带您前往 { $homeserver } 的注册页面，在那里输入注册令牌。
step_homeserver = 选择“创建账号”。如果显示的是别的主服务器，请点旁边的“编辑”。您的主服务器是：
step_username = 用户名请填写：
step_username_within = 用户名请填写下面 @ 和 : 之间的部分：
step_token = 设置密码，并在要求输入注册令牌的地方粘贴令牌。它不是邮箱验证码：如果需要验证码，会另发一封邮件。
not_you = 这不是您申请的？
not_you_what = 忽略这封邮件即可。
not_you_tell = 请告诉我们，这个地址以后不会再收到任何邮件：
expired = 令牌过期了？
link_expired = 链接过期了？
expired_where = 请用相同的用户名和邮箱地址重新申请：
expired_anywhere = 请在原来申请的地方，用相同的用户名和邮箱地址重新申请。
expired_by_email = 请用相同的用户名再次发邮件给 { $address }。

invitation_subject = 邀请您加入 { $homeserver }
invitation_heading = 您收到了邀请
invites = Matrix 服务器 { $homeserver } 的管理员邀请您在那里创建账号。
invites_as = Matrix 服务器 { $homeserver } 的管理员邀请您创建以下账号：
invitation_note = 管理员的留言：
invitation_expired = 请向邀请您的人索取新的邀请。

request_subject = 您对 { $homeserver } 账号的申请
refused =
    您好，

    您通过邮件申请了 { $homeserver } 上的账号，邮件中写明的是：

        { $name }

    { $why }
refused_without_name =
    您好，

    您通过邮件申请了 { $homeserver } 上的账号。

    { $why }
write_again =
    请再次发邮件给 { $address }，只写这一行：

    用户名：{ $example }
names_read =
    您的邮件中写的用户名是：

        { $names }
answered_by_operator =
    您好，

    { $homeserver } 的管理员看过您的邮件，回复如下：

    { $answer }
refused_by_operator =
    您好，

    您申请了 { $homeserver } 上的账号。管理员看过您的申请后拒绝了它：

    { $why }
help =
    您好，

    您给 { $homeserver } 的注册处写了邮件，但我们无法从中看出您想要的用户名。

    { $problem }
address_is_known =
    您好，

    有人（也许就是您）用您的邮箱地址申请了 { $homeserver } 上的账号。这个地址已有账号或申请，因此没有做任何改动，也没有告知任何人。

    如果您是因为没收到邮件才申请，请稍后用最初选择的用户名再申请一次。如果不是您申请的，忽略这封邮件即可。
no_longer =
    您好，

    您申请了 { $homeserver } 上的账号，此前您的申请一直在等待。现在已无法批准：

    { $why }
prove_subject = 请确认您在 { $homeserver } 填写的邮箱地址
prove_address =
    您好，

    您（或填写了您的邮箱地址的人）申请了 { $homeserver } 上的账号 { $id }。请确认这个地址是您的：

    { $link }

    链接在 24 小时内有效。如果不是您申请的，忽略这封邮件即可：不确认，申请就不会继续。
form_too = 也可以使用表单：{ $url }
several_names = 邮件中写了多个用户名。
no_name = 邮件中没有写用户名。
