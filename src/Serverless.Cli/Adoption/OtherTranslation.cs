using System.Globalization;

namespace Serverless.Cli.Adoption;

/// <summary>Translates the smaller sections: <c>log</c>, <c>catalog</c>, <c>validation</c>, <c>proxy</c>.</summary>
internal static class OtherTranslation
{
    public static void Translate(DistributionConfig config, ConfigTranslation to)
    {
        var level = config.Text("log.level") ?? config.Text("loglevel");
        to.SetHost("Logging:LogLevel:Default", level switch { null => null, "error" => "Error", "warn" => "Warning", "debug" => "Debug", _ => "Information" });
        to.Set("Catalog:MaxEntries", config.Text("catalog.maxentries"));
        TranslateValidation(config, to);
        if (config.Contains("proxy.remoteurl")) TranslateProxy(config, to);
    }

    private static void TranslateValidation(DistributionConfig config, ConfigTranslation to)
    {
        // It is switched on by one name in older releases and by the other in newer ones.
        _ = config.Text("validation.enabled");
        if (config.Flag("validation.disabled")) return;
        to.Set("Validation:Urls:Allow", config.List("validation.manifests.urls.allow"));
        to.Set("Validation:Urls:Deny", config.List("validation.manifests.urls.deny"));
        if (config.Text("validation.manifests.indexes.platforms") is not { } platforms) return;
        to.Set("Validation:IndexPlatforms", platforms == "list" ? "listed" : platforms);
        to.Set("Validation:IndexPlatformList", config.Entries("validation.manifests.indexes.platformlist").Select(p => $"{config.Text(p + ".os")}/{config.Text(p + ".architecture")}"));
    }

    private static void TranslateProxy(DistributionConfig config, ConfigTranslation to)
    {
        var remote = config.Text("proxy.remoteurl");
        var host = Uri.TryCreate(remote, UriKind.Absolute, out var url) ? url.IdnHost : "mirror";
        var name = string.Concat(host.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'));
        to.Set($"Mirror:{name}:Prefix", $"{name}/");
        to.Set($"Mirror:{name}:Remote", remote);
        to.Set($"Mirror:{name}:User", config.Text("proxy.username"));
        to.Set($"Mirror:{name}:Password", config.Text("proxy.password"), isSecret: true);
        to.AllowPlain(remote);
        to.Note(string.Create(CultureInfo.InvariantCulture, $"proxy: distribution is a mirror and nothing else, and has images by the names of the remote. Here a mirror has a prefix, and may stand beside repositories of one's own: NAME of the remote is {name}/NAME, unless the client says whom it mirrors"));
    }
}
