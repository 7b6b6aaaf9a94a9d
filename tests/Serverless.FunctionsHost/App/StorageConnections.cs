namespace Serverless.FunctionsHost.App;

/// <summary>The connections to storage that bindings name.</summary>
/// <remarks>WebJobsConfigurationExtensions and StorageClientProvider of Microsoft.Azure.WebJobs.Extensions.Storage.Queues 5.3.10.</remarks>
internal static class StorageConnections
{
    /// <summary>The connection string of that name.</summary>
    /// <param name="settings">The app settings.</param>
    /// <param name="name">The connection's name, as the binding has it.</param>
    /// <param name="function">The function whose binding it is.</param>
    /// <exception cref="HostRefusesException">There is none, or it is not one of those that this emulation can use.</exception>
    public static string Find(AppSettings settings, string name, string function)
    {
        // In the order of the host: a setting with the prefix comes before the one that the binding names.
        foreach (var key in (string[])[$"ConnectionStrings:AzureWebJobs{name}", $"AzureWebJobs{name}", $"ConnectionStrings:{name}", name])
        {
            if (settings.All.TryGetValue(key, out var value)) return value.Length > 0 ? value : throw Refuse(function, $"the app setting '{key}' is empty");
            if (settings.All.Keys.Any(k => k.StartsWith(key + ":", StringComparison.OrdinalIgnoreCase)))
            {
                throw Refuse(function, $"'{key}' is a connection with an identity, which this emulation has none of; set {key} to a connection string here");
            }
        }

        throw Refuse(function, $"there is no app setting '{name}' with a connection string");
    }

    private static HostRefusesException Refuse(string function, string why) => new($"The function '{function}' is not run: {why}.");
}
