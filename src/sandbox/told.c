#include "sandbox/told.h"

#define STRANGE_NUMBER TEXT("port_with_research_desk")
#define STRANGE_REQUEST TEXT("Under research")

struct scenario number_scenario(const struct port_number *number)
{
    struct scenario scenario = {.by = BY_NUMBER_END};
    if (number->scenario.len)
        scenario_named(number->scenario, &scenario);
    return scenario;
}

struct text told_number(struct arena *arena, const struct port_number *number)
{
    struct scenario scenario = number_scenario(number);
    if (scenario.strange_status && text_is(number->status, "port_submitted"))
        return STRANGE_NUMBER;
    return scenario_spell(arena, scenario.spelling, number->status);
}

struct text told_request(struct arena *arena, const struct port *port)
{
    struct scenario scenario = {.by = BY_NUMBER_END};
    bool chosen = false, submitted = false;
    for (size_t i = 0; i < port->number_count; i++) {
        if (port->numbers[i].scenario.len && !chosen) {
            scenario = number_scenario(&port->numbers[i]);
            chosen = true;
        }
        submitted |= text_is(port->numbers[i].status, "port_submitted");
    }
    if (scenario.strange_status && submitted && text_is(port->status, "In progress"))
        return STRANGE_REQUEST;
    return scenario_spell(arena, scenario.spelling, port->status);
}
