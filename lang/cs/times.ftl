# Not yet read by somebody who speaks it.

span_hours =
    { $hours ->
        [one] { $hours } hodinu
        [few] { $hours } hodiny
        [many] { $hours } hodiny
       *[other] { $hours } hodin
    }
span_minutes =
    { $minutes ->
        [one] { $minutes } minutu
        [few] { $minutes } minuty
        [many] { $minutes } minuty
       *[other] { $minutes } minut
    }
span_of_both = { $hours } a { $minutes }
wait_seconds =
    { $seconds ->
        [one] { $seconds } sekundu
        [few] { $seconds } sekundy
        [many] { $seconds } sekundy
       *[other] { $seconds } sekund
    }
wait_minutes =
    { $minutes ->
        [one] { $minutes } minutu
        [few] { $minutes } minuty
        [many] { $minutes } minuty
       *[other] { $minutes } minut
    }
wait_hours =
    { $hours ->
        [one] { $hours } hodinu
        [few] { $hours } hodiny
        [many] { $hours } hodiny
       *[other] { $hours } hodin
    }
wait_days =
    { $days ->
        [one] { $days } den
        [few] { $days } dny
        [many] { $days } dne
       *[other] { $days } dní
    }
month =
    { $number ->
        [1] ledna
        [2] února
        [3] března
        [4] dubna
        [5] května
        [6] června
        [7] července
        [8] srpna
        [9] září
        [10] října
        [11] listopadu
       *[12] prosince
    }
time_of_day = { $time } UTC
time_on_date = { $time } UTC { $day }. { $month }
time_on_day = { $time } UTC { $day }. { $month } { $year }
