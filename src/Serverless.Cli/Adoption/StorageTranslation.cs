using System.Globalization;

namespace Serverless.Cli.Adoption;

/// <summary>Translates the section <c>storage</c>.</summary>
internal static class StorageTranslation
{
    private const string PublicRealm = "core.windows.net";

    public static void Translate(DistributionConfig config, ConfigTranslation to)
    {
        if (config.Contains("storage.inmemory")) to.Set("Storage:InMemory", "true");
        if (config.Contains("storage.azure")) TranslateAzure(config, to);
        to.Set("ReadOnly", config.Flag("storage.maintenance.readonly.enabled") ? "true" : null);
        // Distribution deletes nothing unless it is told to.
        to.Set("Delete:Enabled", config.Flag("storage.delete.enabled") ? null : "false");
        to.Set("Redirect:Enabled", config.Flag("storage.redirect.disable") ? "false" : null);
        TranslatePurge(config, to);
    }

    private static void TranslateAzure(DistributionConfig config, ConfigTranslation to)
    {
        var (account, key) = (config.Text("storage.azure.accountname"), config.Text("storage.azure.accountkey"));
        var (realm, service) = (config.Text("storage.azure.realm") ?? PublicRealm, config.Text("storage.azure.serviceurl"));
        if (config.Text("storage.azure.connectionstring") is { } connection)
        {
            to.Set("Storage:ConnectionString", connection, isSecret: true);
        }
        else if (key is not null)
        {
            var endpoint = service is null ? $"EndpointSuffix={realm}" : $"BlobEndpoint={service};EndpointSuffix={realm}";
            to.Set("Storage:ConnectionString", $"DefaultEndpointsProtocol=https;AccountName={account};AccountKey={key};{endpoint}", isSecret: true);
            to.Note($"storage.azure.accountkey: a managed identity needs no key: Registry__Storage__AccountName={account} in place of the connection string");
        }
        else
        {
            to.Set("Storage:AccountName", account);
            if (realm != PublicRealm || service is not null)
            {
                to.Set("Storage:BlobEndpoint", service ?? $"https://{account}.blob.{realm}");
                to.Set("Storage:TableEndpoint", $"https://{account}.table.{realm}");
                to.Set("Storage:QueueEndpoint", $"https://{account}.queue.{realm}");
            }

            if (config.Text("storage.azure.credentials.type") is not "client_secret") to.Set("Storage:ClientId", config.Text("storage.azure.credentials.clientid"));
        }

        var (container, root) = (config.Text("storage.azure.container"), config.Text("storage.azure.rootdirectory"));
        to.Set("Storage:Container", container);
        to.Note($"storage.azure: the images become this registry's, in place, by: registry adopt{(root is null ? "" : $" --root {root}")}");
    }

    private static void TranslatePurge(DistributionConfig config, ConfigTranslation to)
    {
        const string Path = "storage.maintenance.uploadpurging";
        if (config.Text(Path + ".enabled") == "false") to.Note($"{Path}.enabled: uploads that nobody uses are always ended, after Uploads:PurgeAge");
        if (config.Text(Path + ".age") is not { } age) return;
        // No shorter than the grace of the garbage collection.
        if (ConfigTranslation.Duration(age) is { } time && time >= TimeSpan.FromDays(1)) to.Set("Uploads:PurgeAge", time.ToString("c", CultureInfo.InvariantCulture));
        else to.Note($"{Path}.age: {age} is no duration of GarbageCollection:Grace (a day) or longer, which Uploads:PurgeAge must be");
    }
}
