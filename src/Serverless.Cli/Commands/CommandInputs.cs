using System.CommandLine;
using System.CommandLine.Parsing;
using Serverless.Cli.Accounts;
using Serverless.Registry.Access;
using Serverless.Registry.Accounts;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Web.Settings;

namespace Serverless.Cli.Commands;

/// <summary>The arguments and options that commands share. Text is parsed here; what cannot be parsed is bad usage.</summary>
internal static class CommandInputs
{
    private const string ScopeMapProblem = "is no name for a scope map: 1 to 64 letters, digits and . _ - that begin with a letter or digit.";

    private delegate bool TryParse<T>(string text, out T value);

    public static Argument<AccountName> AccountName() => new("NAME")
    {
        Description = "The account's name: letters, digits and . _ @ + -",
        CustomParser = One<AccountName>(
            "is no name for an account: 1 to 128 letters, digits and . _ @ + - that begin with a letter or digit.",
            static (text, out value) => Registry.Access.AccountName.TryParse(text, null, out value)),
    };

    public static Argument<string> ScopeMapName() => new("NAME")
    {
        Description = $"The scope map's name; '{ScopeMapStore.Anonymous}' is the one that holds for everybody",
        CustomParser = One<string>(ScopeMapProblem, TryScopeMapName),
    };

    public static Argument<AccessRule[]> Rules() => new("RULE")
    {
        Description = "A right such as team/*:pull,push, registry:catalog:* or registry:admin:*",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = Many<AccessRule>(
            "is no right. One is written like team/*:pull,push, registry:catalog:* or registry:admin:*; the actions are pull, push, delete, metadata and *.",
            static (text, out value) => AccessRule.TryParse(text, null, out value!)),
    };

    public static Option<string[]> Scopes(string description = "A scope map of the account; may be repeated") => new("--scope")
    {
        Description = description,
        HelpName = "MAP",
        CustomParser = Many<string>(ScopeMapProblem, TryScopeMapName),
    };

    public static Option<Expiry?> Expires() => new("--expires")
    {
        Description = "When the account ends: after 90d, 12h or 30m, or at 2027-01-31 or 2027-01-31T12:00Z (UTC); without it, never",
        HelpName = "TIME",
        CustomParser = One<Expiry>(
            "is neither a duration such as 90d, 12h or 1.12:00:00, of at most a hundred years, nor a date such as 2027-01-31.",
            static (text, out value) => Expiry.TryParse(text, out value!)),
    };

    public static Argument<string> QuotaPattern() => new("NAMESPACE")
    {
        Description = "What names begin with up to the first slash, without it; or a part of that and an asterisk, for each of many",
        CustomParser = One<string>("is no namespace: letters, digits and . _ - without a slash, with an asterisk at the end for each of many.", static (text, out value) => Quota.IsPattern(value = text)),
    };

    public static Option<long?> Size(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "SIZE",
        CustomParser = One<long?>("is no size. One is written like 10GiB, 500MiB or 1000000.", static (text, out value) => (value = ByteSize.Find(text)) is not null),
    };

    public static Option<bool> Json() => new("--json") { Description = "Prints JSON" };

    public static Option<bool> DryRun() => new("--dry-run", "-d") { Description = "Tells what would be done and does nothing" };

    public static Option<bool> Quiet() => new("--quiet", "-q") { Description = "Prints the sum only" };

    public static Option<RepositoryName?> Repository(string description) => new("--repository")
    {
        Description = description,
        HelpName = "NAME",
        CustomParser = result => ParseRepository(result),
    };

    public static RepositoryName ParseRepository(ArgumentResult result) =>
        One<RepositoryName>("is no name of a repository.", static (text, out value) => RepositoryName.TryParse(text, out value))(result);

    public static Option<string?> Endpoint(string description) => new("--endpoint")
    {
        Description = description,
        HelpName = "NAME",
        CustomParser = ParseLower,
    };

    /// <summary>Names of endpoints and ids of events have lower-case letters only, whatever somebody types.</summary>
    public static string ParseLower(ArgumentResult result) => result.Tokens[0].Value.ToLowerInvariant();

    public static Argument<ArchivePlace> Archive(string description) => new("ARCHIVE")
    {
        Description = description,
        // The text is not repeated in the message: it may hold a signature.
        CustomParser = result =>
        {
            if (ArchivePlace.TryParse(result.Tokens[0].Value, out var place)) return place;
            result.AddError("ARCHIVE is a folder, or a container as https://ACCOUNT.blob.core.windows.net/CONTAINER.");
            return null;
        },
    };

    public static Argument<(RepositoryName Name, Tag Tag)> Image() => new("NAME:TAG")
    {
        Description = "The repository and the tag",
        CustomParser = One<(RepositoryName, Tag)>("is not written NAME:TAG.", TryImage),
    };

    public static Option<KeyValuePair<string, string?>[]> Settings() => new("--set")
    {
        Description = "A setting of the registry, for instance Storage:AccountName=name; may be repeated and wins over the environment (Registry__Storage__AccountName)",
        HelpName = "KEY=VALUE",
        Recursive = true,
        CustomParser = result => [.. result.Tokens.Select(token => ParseSetting(token.Value, result))],
    };

    // The value is not repeated in the message: it may be a secret.
    private static KeyValuePair<string, string?> ParseSetting(string text, ArgumentResult result)
    {
        var end = text.IndexOf('=', StringComparison.Ordinal);
        if (end > 0) return new($"{SettingsReader.Root}:{text[..end]}", text[(end + 1)..]);
        result.AddError("--set takes KEY=VALUE, for instance Storage:AccountName=name.");
        return default;
    }

    public static Argument<(RepositoryName Name, Reference Reference)> TagOrManifest() => new("NAME:TAG|NAME@DIGEST")
    {
        Description = "The repository, and the tag or the manifest",
        CustomParser = One<(RepositoryName, Reference)>("is written neither NAME:TAG nor NAME@DIGEST.", TryTagOrManifest),
    };

    private static bool TryTagOrManifest(string text, out (RepositoryName Name, Reference Reference) value)
    {
        value = default;
        var at = text.IndexOf('@', StringComparison.Ordinal);
        if (at < 0)
        {
            if (!TryImage(text, out var image)) return false;
            value = (image.Name, new Reference(image.Tag));
            return true;
        }

        if (!RepositoryName.TryParse(text[..at], out var name) || !Digest.TryParse(text[(at + 1)..], out var digest)) return false;
        value = (name, new Reference(digest));
        return true;
    }

    private static bool TryImage(string text, out (RepositoryName Name, Tag Tag) value)
    {
        value = default;
        if (ImageName.Find(text) is not { Reference.Tag: { } tag } image) return false;
        value = (image.Name, tag);
        return true;
    }

    private static bool TryScopeMapName(string text, out string value)
    {
        value = text;
        return ScopeMapStore.IsName(text);
    }

    private static Func<ArgumentResult, T?> One<T>(string problem, TryParse<T> parse) => result => Many(problem, parse)(result) is [var value] ? value : default;

    private static Func<ArgumentResult, T[]> Many<T>(string problem, TryParse<T> parse) => result =>
    {
        List<T> values = [];
        foreach (var token in result.Tokens)
        {
            if (parse(token.Value, out var value)) values.Add(value);
            else result.AddError($"'{token.Value}' {problem}");
        }

        return [.. values.Distinct()];
    };
}
