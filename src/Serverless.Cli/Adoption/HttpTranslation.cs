using System.Text;
using Serverless.Registry.Core;

namespace Serverless.Cli.Adoption;

/// <summary>Translates the section <c>http</c>. What says where to listen is for the plain server; on Azure Functions the platform does.</summary>
internal static class HttpTranslation
{
    public static void Translate(DistributionConfig config, ConfigTranslation to)
    {
        to.Set("PublicUrl", config.Text("http.host"));
        to.Set("Prefix", config.Text("http.prefix")?.TrimEnd('/') is { Length: > 0 } prefix ? prefix : null);
        TranslateSecret(config, to);
        to.SetDuration(config, "http.draintimeout", "Shutdown:Grace");
        var isTls = config.Text("http.tls.certificate") is not null;
        TranslateAddress(config, to, isTls);
        to.Set("Http:Tls:Certificate", config.Text("http.tls.certificate"));
        to.Set("Http:Tls:Key", config.Text("http.tls.key"));
        to.Set("Http:Tls:ClientCAs", config.List("http.tls.clientcas"));
        TranslateVersion(config, to);
        to.Set("Http:H2c", config.Flag("http.h2c.enabled") ? "true" : null);
        foreach (var (name, values) in config.Map("http.headers"))
        {
            // The registry sets it itself.
            if (!name.Equals("X-Content-Type-Options", StringComparison.OrdinalIgnoreCase)) to.Set($"Http:Headers:{name}", string.Join(", ", values));
        }

        if (config.Flag("http.debug.prometheus.enabled"))
        {
            to.Note("http.debug.prometheus: metrics are at /metrics of the registry's own address, for those who come over loopback; Metrics:Access=Anyone lets in everybody");
            _ = config.Text("http.debug.addr");
            _ = config.Text("http.debug.prometheus.path");
        }
    }

    private static void TranslateSecret(DistributionConfig config, ConfigTranslation to)
    {
        if (config.Text("http.secret") is not { } secret) return;
        if (Encoding.UTF8.GetByteCount(secret) >= RegistryOptions.MinSecretLength) to.Set("Uploads:Secret", secret, isSecret: true);
        else to.Note($"http.secret: it is shorter than the {RegistryOptions.MinSecretLength} bytes that Uploads:Secret must have. Without it the registry makes one and keeps it in storage for all instances");
    }

    private static void TranslateAddress(DistributionConfig config, ConfigTranslation to, bool isTls)
    {
        if (config.Text("http.addr") is not { } address) return;
        var scheme = isTls ? "https" : "http";
        if (config.Text("http.net") == "unix")
        {
            to.Set("Http:Addresses:0", $"{scheme}://unix:{address}");
            return;
        }

        var end = address.LastIndexOf(':');
        var host = end > 0 ? address[..end] : "*";
        to.Set("Http:Addresses:0", $"{scheme}://{(host == "0.0.0.0" ? "*" : host)}{(end < 0 ? "" : address[end..])}");
    }

    private static void TranslateVersion(DistributionConfig config, ConfigTranslation to)
    {
        switch (config.Text("http.tls.minimumtls"))
        {
            case null:
                break;
            case "tls1.2":
                to.Set("Http:Tls:MinimumVersion", "1.2");
                break;
            case "tls1.3":
                to.Set("Http:Tls:MinimumVersion", "1.3");
                break;
            case var old:
                to.Note($"http.tls.minimumtls: {old} is not spoken; the oldest version is 1.2");
                break;
        }
    }
}
