### What is wrong with what somebody typed.

email_missing = Please give your email address.
email_shape = This is not an email address. It should look like name@example.org.
email_local_part = The part of the address before the @ can only have plain letters (a–z), digits and signs. Please use another address.
email_character = This email address has a character in it that can't be mailed to. Please check it.
email_too_long = This email address is too long to exist. Please check it.
email_literal = Please give an address with a domain name after the @, not an IP address.
email_unseen = There is an invisible character ({ $which }) in this email address. Please type it by hand.
email_route = This email address names a way to somewhere else (%, ! or @…:). Please give the plain address.
email_cannot_receive = Nobody can receive email at this domain. Please check the address.
did_you_mean = Did you mean { $meant }? If { $typed } is right, send it again.
yes_this_address = Yes, { $address }
no_this_address = No, { $address } is right
email_domain = The part after the @ is not a domain name. Please check the address.
username_missing = Please choose a username.
username_elsewhere = Accounts created here end in :{ $server }. Please type only the part before the colon.
username_character = A username can't have { $shown } in it. Please use only a–z, 0–9 and the signs . _ = - / +
username_too_long = This username is too long. It can have { $most } characters at most.
answer_missing = Please answer the question: { $question }
answer_too_short = Please answer in at least { $least } characters.
answer_too_long = This answer is too long. It can have { $most } characters at most.
terms_not_agreed = Please read the terms, and tick the box to agree to them.
a_space = a space
unseen_character = an invisible character ({ $which })
a_character = “{ $character }”
