#include "porting/fix_scope.h"

static const struct order_row *order_of(
    const struct order_row *orders, size_t count, const struct number_row *number)
{
    for (size_t i = 0; i < count; i++)
        if (text_equal(orders[i].id, number->order))
            return &orders[i];
    return NULL;
}

enum fix_scope number_fix_scope(const struct porting *porting, const struct order_row *orders,
    size_t orders_count, const struct number_row *number, bool team)
{
    const struct order_row *order = order_of(orders, orders_count, number);
    bool there = order && order->carrier_ref.len && !order->cancel_wanted;
    switch (number->status) {
    case NUMBER_STATUS_REJECTED:
        return team || rejection_of_name(porting->rejections, number->rejection)->turn == TURN_CUSTOMER
                   ? FIX_REFUSED
                   : FIX_NOTHING;
    case NUMBER_STATUS_EXPIRED:
        return FIX_REFUSED;
    case NUMBER_STATUS_CANCELED:
        return there ? FIX_ENDED : FIX_NOTHING;
    case NUMBER_STATUS_WAITING_FOR_SIGNATURE:
        return there && order->phase == ORDER_PLACED ? FIX_SIGNER : FIX_NOTHING;
    default:
        return FIX_NOTHING;
    }
}

enum fix_scope request_fix_scope(const struct porting *porting, const struct order_row *orders,
    size_t orders_count, const struct number_row *numbers, size_t numbers_count, bool team)
{
    enum fix_scope first = FIX_NOTHING;
    for (size_t i = 0; i < numbers_count; i++) {
        enum fix_scope scope = number_fix_scope(porting, orders, orders_count, &numbers[i], team);
        if (scope != FIX_NOTHING && (first == FIX_NOTHING || scope < first))
            first = scope;
    }
    return first;
}
