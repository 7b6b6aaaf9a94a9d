using System.CommandLine;
using Serverless.Cli.Adoption;

namespace Serverless.Cli.Commands;

/// <summary><c>registry adopt config</c>: distribution's config.yml in the words of this registry's settings.</summary>
internal static class ConfigCommands
{
    public static Command Config(CliApp app)
    {
        var file = new Argument<string>("FILE") { Description = "The config.yml of distribution" };
        var secrets = new Option<bool>("--secrets") { Description = "Prints secrets too; without it, their lines begin with # and have no value" };
        var command = new Command("config", "Prints the registry's settings for a config.yml of distribution, as variables of the environment, and says what has no counterpart") { file, secrets };
        return app.Bind(command, async (CliConsole console, ParseResult args, CancellationToken cancellationToken) =>
        {
            var name = args.GetValue(file)!;
            DistributionConfig config;
            try
            {
                config = DistributionConfig.Parse(await File.ReadAllTextAsync(name, cancellationToken));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
            {
                throw new CliException($"{name} cannot be read: {e.Message}");
            }

            var translation = ConfigTranslation.Of(config);
            foreach (var setting in translation.Settings) await console.Out.WriteLineAsync(setting.ToLine(args.GetValue(secrets)));
            foreach (var note in translation.Notes) await console.SayAsync(note);
            return ExitCode.Done;
        });
    }
}
