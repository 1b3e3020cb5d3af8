/** Tells on which Node it runs. */
process.stdout.write(JSON.stringify(process.versions.node));
