using Microsoft.Extensions.Configuration;
using Serverless.Cli;

var environment = new ConfigurationBuilder().AddEnvironmentVariables().Build();
return await new CliApp(CliConsole.OfProcess(), environment, TimeProvider.System, CliStores.OpenAsync).RunAsync(args, CancellationToken.None);
