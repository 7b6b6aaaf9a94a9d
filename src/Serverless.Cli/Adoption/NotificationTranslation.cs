using System.Globalization;

namespace Serverless.Cli.Adoption;

/// <summary>Translates the section <c>notifications</c>: events keep the format of distribution.</summary>
internal static class NotificationTranslation
{
    private const int LongestName = 32;

    public static void Translate(DistributionConfig config, ConfigTranslation to)
    {
        var references = config.Flag("notifications.events.includereferences");
        HashSet<string> names = [];
        foreach (var path in config.Entries("notifications.endpoints"))
        {
            var (said, name) = (config.Text(path + ".name") ?? "", Name(config.Text(path + ".name"), names));
            if (said != name) to.Note($"{path}: the endpoint '{said}' is called {name}, because names have up to {LongestName} lower-case letters, digits and hyphens");
            Translate(config, to, path, $"Events:{name}", references);
        }
    }

    private static void Translate(DistributionConfig config, ConfigTranslation to, string path, string key, bool references)
    {
        var url = config.Text(path + ".url");
        to.Set(key + ":Url", url);
        to.AllowPlain(url);
        var headers = config.Map(path + ".headers");
        for (var i = 0; i < headers.Count; i++)
        {
            to.Set(string.Create(CultureInfo.InvariantCulture, $"{key}:Headers:{i}"), $"{headers[i].Name}: {string.Join(", ", headers[i].Values)}", isSecret: true);
        }

        to.Set(key + ":Disabled", config.Flag(path + ".disabled") ? "true" : null);
        to.SetDuration(config, path + ".timeout", key + ":Timeout");
        to.Set(key + ":Threshold", config.Text(path + ".threshold"));
        to.SetDuration(config, path + ".backoff", key + ":Backoff");
        // There it does not grow.
        to.SetDuration(config, path + ".backoff", key + ":MaxBackoff");
        to.Set(key + ":Ignore:MediaTypes", config.List(path + ".ignoredmediatypes").Concat(config.List(path + ".ignore.mediatypes")).Distinct());
        var actions = config.List(path + ".ignore.actions");
        // Distribution tells of every pull unless it is told not to.
        to.Set(key + ":Pulls", actions.Contains("pull") ? null : "true");
        to.Set(key + ":Ignore:Actions", actions.Where(a => a != "pull"));
        to.Set(key + ":IncludeReferences", references ? "true" : null);
    }

    private static string Name(string? said, HashSet<string> taken)
    {
        var letters = string.Concat((said ?? "").ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')).Trim('-');
        var name = letters.Length == 0 ? "endpoint" : letters.Length > LongestName ? letters[..LongestName] : letters;
        for (var i = 2; !taken.Add(name); i++) name = string.Create(CultureInfo.InvariantCulture, $"{name[..Math.Min(name.Length, LongestName - 4)]}-{i}");
        return name;
    }
}
