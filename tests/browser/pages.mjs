// One case for each page of the route table: opens it as somebody who may and gives back the person.

async function visitor(desk, options, path) {
    const person = await desk.person(options);
    await person.page.goto(path);
    return person;
}

export const cases = {
    sign_in: (desk, options) => visitor(desk, options, '/sign-in'),
};
