# Not yet read by somebody who speaks it.

span_hours =
    { $hours ->
        [one] { $hours } ساعت
       *[other] { $hours } ساعت
    }
span_minutes =
    { $minutes ->
        [one] { $minutes } دقیقه
       *[other] { $minutes } دقیقه
    }
span_of_both = { $hours } و { $minutes }
wait_seconds =
    { $seconds ->
        [one] { $seconds } ثانیه
       *[other] { $seconds } ثانیه
    }
wait_minutes =
    { $minutes ->
        [one] { $minutes } دقیقه
       *[other] { $minutes } دقیقه
    }
wait_hours =
    { $hours ->
        [one] { $hours } ساعت
       *[other] { $hours } ساعت
    }
wait_days =
    { $days ->
        [one] { $days } روز
       *[other] { $days } روز
    }
month =
    { $number ->
        [1] ژانویه
        [2] فوریه
        [3] مارس
        [4] آوریل
        [5] مه
        [6] ژوئن
        [7] ژوئیه
        [8] اوت
        [9] سپتامبر
        [10] اکتبر
        [11] نوامبر
       *[12] دسامبر
    }
time_of_day = { $time } UTC
time_on_date = { $time } UTC روز { $day } { $month }
time_on_day = { $time } UTC روز { $day } { $month } { $year }
