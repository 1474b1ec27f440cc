#include "net/net_date.h"

#include "base/clock.h"

static void date_add(struct buffer *out, int64_t us, const char *zone)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct date date = clock_date(us, TEXT("UTC"));
    int64_t second = (us - date_to_days(date) * CLOCK_DAY) / CLOCK_SECOND;
    buffer_format(out, "%s, %02d %s %04d %02d:%02d:%02d %s", days[date_weekday(date)], date.day,
        months[date.month - 1], date.year, (int)(second / 3600), (int)(second / 60 % 60), (int)(second % 60),
        zone);
}

void net_date_http(struct buffer *out, int64_t us)
{
    date_add(out, us, "GMT");
}

void net_date_mail(struct buffer *out, int64_t us)
{
    date_add(out, us, "+0000");
}
