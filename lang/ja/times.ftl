# Not yet read by somebody who speaks it.

span_hours =
    { $hours ->
       *[other] { $hours }時間
    }
span_minutes =
    { $minutes ->
       *[other] { $minutes }分
    }
span_of_both = { $hours }{ $minutes }
wait_seconds =
    { $seconds ->
       *[other] { $seconds }秒
    }
wait_minutes =
    { $minutes ->
       *[other] { $minutes }分
    }
wait_hours =
    { $hours ->
       *[other] { $hours }時間
    }
wait_days =
    { $days ->
       *[other] { $days }日
    }
month =
    { $number ->
        [1] 1月
        [2] 2月
        [3] 3月
        [4] 4月
        [5] 5月
        [6] 6月
        [7] 7月
        [8] 8月
        [9] 9月
        [10] 10月
        [11] 11月
       *[12] 12月
    }
time_of_day = { $time } UTC
time_on_date = { $month }{ $day }日 { $time } UTC
time_on_day = { $year }年{ $month }{ $day }日 { $time } UTC
