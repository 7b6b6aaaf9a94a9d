using System.CommandLine;
using System.CommandLine.Parsing;
using System.IO.Enumeration;
using Serverless.Cli.Copying;
using Serverless.Registry.Copying;
using Serverless.Registry.Events;
using Serverless.Registry.Oci;
using Serverless.Web.Remotes;

namespace Serverless.Cli.Commands;

/// <summary><c>registry copy</c>: images from another registry, or from a folder, into this one. The bytes go straight to storage; no running registry sees them.</summary>
internal static class CopyCommands
{
    /// <summary>The variable of the environment with the password of the user of the source.</summary>
    public const string PasswordVariable = "REGISTRY_SOURCE_PASSWORD";

    public static Command Copy(CliApp app)
    {
        var source = new Argument<CopySource>("SOURCE")
        {
            Description = "HOST/NAME:TAG, HOST/NAME@DIGEST, HOST/NAME for its tags, or oci:FOLDER[:TAG]",
            CustomParser = result => CopySource.Find(result.Tokens[0].Value) is { } found ? found : Refuse<CopySource>(result, "SOURCE is written HOST/NAME[:TAG|@DIGEST], with the host, or oci:FOLDER[:TAG]."),
        };
        var target = new Argument<(RepositoryName Name, Tag? Tag)>("NAME[:TAG]") { Description = "Where to; without a tag it keeps those of the source", CustomParser = ParseTarget };
        var tags = new Option<string?>("--tags") { Description = "Of a repository, the tags that fit the pattern, with * and ?; all without it", HelpName = "PATTERN" };
        var platform = new Option<string?>("--platform") { Description = "Takes one image out of an index, for instance linux/amd64", HelpName = "OS/ARCHITECTURE" };
        var noReferrers = new Option<bool>("--no-referrers") { Description = "Leaves signatures, SBOMs and whatever else refers to the images" };
        var keep = new Option<bool>("--keep-referrers-tags") { Description = "Keeps tags in which clients list referrers (sha256-...) as tags too" };
        var user = new Option<string?>("--user") { Description = $"Who asks the source; the password is in {PasswordVariable}", HelpName = "NAME" };
        var realms = new Option<string[]>("--trust-realm") { Description = "A host that may be given the password when the source says that tokens come from there; may be repeated", HelpName = "HOST" };
        var (dryRun, quiet) = (CommandInputs.DryRun(), CommandInputs.Quiet());
        var command = new Command("copy", "Copies images with all platforms and what refers to them, from another registry or an OCI layout; one that was cut off goes on")
        {
            source, target, tags, platform, noReferrers, keep, user, realms, dryRun, quiet,
        };
        return app.Bind(command, async (context, args, cancellationToken) =>
        {
            var (from, to) = (args.GetValue(source)!, args.GetValue(target));
            var options = new CopyOptions
            {
                DryRun = args.GetValue(dryRun),
                Platform = args.GetValue(platform),
                Referrers = !args.GetValue(noReferrers),
                KeepReferrersTags = args.GetValue(keep),
                Tags = args.GetValue(tags) is { } pattern ? tag => FileSystemName.MatchesSimpleExpression(pattern, tag.ToString(), ignoreCase: false) : _ => true,
            };
            if (from.Reference is not null && args.GetValue(tags) is not null) throw new CliException("--tags is for a whole repository: leave out the tag of SOURCE.", ExitCode.Usage);
            try
            {
                using var registry = from.Registry is null ? null : Open(context, from.Registry, args.GetValue(user), args.GetValue(realms) ?? []);
                return await CopyAsync(context, registry, from, to, options, args.GetValue(quiet), cancellationToken);
            }
            catch (ImageSourceException e)
            {
                throw new CliException(Clean(e.Message));
            }
        });
    }

    private static async Task<int> CopyAsync(
        CliContext context, RemoteRegistry? registry, CopySource from, (RepositoryName Name, Tag? Tag) to, CopyOptions options, bool quiet, CancellationToken cancellationToken)
    {
        var layout = from.Layout is { } folder ? await LayoutSource.OpenAsync(folder, cancellationToken) : null;
        var source = layout ?? registry!.OpenRepository(from.Name!.Value);
        // The only image of a layout needs no name there.
        var reference = from.Reference ?? (layout?.Single is { } single && to.Tag is not null ? new Reference(single) : null);
        await using var watch = new CopyWatch(context, quiet);
        var copy = context.Registry.CopyTo(context.Registry.GetRepository(to.Name, ChangeOrigin.Of("copy")), source, options, watch.Progress);
        var failed = 0;
        if (reference is { } one)
        {
            var tag = to.Tag ?? one.Tag;
            var copied = await copy.CopyAsync(one, tag is { } t ? [t] : [], cancellationToken);
            Tell(context, quiet, to.Name, tag?.ToString() ?? copied.Digest.ToString(), copied.Digest.ToString());
        }
        else
        {
            if (to.Tag is not null) throw new CliException("A whole repository keeps its tags: leave out the tag of the target, or give SOURCE one.", ExitCode.Usage);
            failed = await copy.CopyTagsAsync((tag, copied, problem) => Tell(context, quiet && problem is null, to.Name, tag.ToString(), copied?.Digest.ToString() ?? $"not copied: {problem}"), cancellationToken);
            if (watch.Progress.Tags == 0 && failed == 0) throw new CliException("There is no such tag in the source.");
        }

        foreach (var problem in watch.Progress.Problems) await context.Console.WarnAsync("Not copied: " + Clean(problem));
        await context.Console.SayAsync((options.DryRun ? "It would be: " : "") + watch.Text() + ".");
        return failed + watch.Progress.Problems.Count == 0 ? ExitCode.Done : ExitCode.Refused;
    }

    // Some of it is from the source.
    private static string Clean(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));

    private static void Tell(CliContext context, bool quiet, RepositoryName name, string what, string note)
    {
        if (!quiet) context.Console.Out.WriteLine($"{name}\t{what}\t{Clean(note)}");
    }

    private static RemoteRegistry Open(CliContext context, string address, string? user, string[] realms)
    {
        RemoteCredentials? credentials = null;
        if (user is not null)
        {
            var password = Environment.GetEnvironmentVariable(PasswordVariable);
            if (string.IsNullOrEmpty(password)) throw new CliException($"--user needs the password in {PasswordVariable}: on the command line everybody on this machine could read it.", ExitCode.Usage);
            credentials = user.Length > 0 && !user.Contains(':', StringComparison.Ordinal) ? RemoteCredentials.OfUser(user, password) : throw new CliException("--user takes a name without a colon.", ExitCode.Usage);
        }

        return RemoteRegistry.Open(new RemoteOptions { Address = address, Credentials = credentials, TrustedRealms = realms }, context.Settings.Outbound, context.Time);
    }

    private static (RepositoryName, Tag?) ParseTarget(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (RepositoryName.TryParse(text, out var name)) return (name, null);
        return CommandInputs.TryImage(text, out var image) ? image : Refuse<(RepositoryName, Tag?)>(result, "The target is written NAME or NAME:TAG, as it is to be called in this registry.");
    }

    private static T? Refuse<T>(ArgumentResult result, string problem)
    {
        result.AddError(problem);
        return default;
    }
}
