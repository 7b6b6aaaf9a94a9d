// The usual minimal app, and the smaller builder for comparison.
var builder = args is ["slim", ..] ? WebApplication.CreateSlimBuilder(args[1..]) : WebApplication.CreateBuilder(args);
var app = builder.Build();
app.MapGet("/v2/", () => "{}");
app.Run();
