using System.CommandLine;
using System.Security.Cryptography;
using Serverless.Registry.Oci;

namespace Serverless.Cli.Commands;

/// <summary><c>registry digest</c>, as distribution's tool of that name.</summary>
internal static class DigestCommands
{
    private const string Input = "-";

    public static Command Digest(CliApp app)
    {
        var files = new Argument<string[]>("FILE") { Description = "The files; without one, or for -, standard input", Arity = ArgumentArity.ZeroOrMore };
        var algorithm = new Option<string>("--algorithm", "-a") { Description = "sha256 or sha512", HelpName = "NAME", DefaultValueFactory = _ => "sha256" };
        algorithm.AcceptOnlyFromAmong("sha256", "sha512");
        return app.Bind(new Command("digest", "Prints the digest of each file") { files, algorithm }, async (CliConsole console, ParseResult args, CancellationToken cancellationToken) =>
        {
            var code = ExitCode.Done;
            foreach (var file in args.GetValue(files) is { Length: > 0 } named ? named : [Input])
            {
                try
                {
                    await using var content = file == Input ? console.OpenIn() : File.OpenRead(file);
                    await console.Out.WriteLineAsync($"{await HashAsync(content, args.GetValue(algorithm) == "sha512", cancellationToken)}\t{file}");
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    // The others may well be read.
                    await console.SayAsync($"{file}: {e.Message}");
                    code = ExitCode.Refused;
                }
            }

            return code;
        });
    }

    private static async Task<Digest> HashAsync(Stream content, bool is512, CancellationToken cancellationToken) => is512
        ? Registry.Oci.Digest.FromHash(DigestAlgorithm.Sha512, await SHA512.HashDataAsync(content, cancellationToken))
        : Registry.Oci.Digest.FromHash(DigestAlgorithm.Sha256, await SHA256.HashDataAsync(content, cancellationToken));
}
