namespace Serverless.FunctionsHost.App;

/// <summary>The functions that app settings switch off: the host indexes and loads them, and gives them nothing to do.</summary>
/// <remarks>HostListenerFactory.IsDisabled of Microsoft.Azure.WebJobs 3.0.48.</remarks>
internal sealed class DisabledFunctions
{
    // As functions.metadata spells them.
    private readonly HashSet<string> _names;

    /// <exception cref="HostRefusesException">A setting looks as if it switched a function off, and does not.</exception>
    public DisabledFunctions(IReadOnlyList<FunctionMetadata> functions, AppSettings settings)
    {
        // All are looked at, so that none with a value of no sense stays unnoticed.
        _names = [.. functions.SelectMany(f => Settings(f.Name), (f, setting) => (f.Name, IsOn: IsOn(settings, setting))).Where(f => f.IsOn).Select(f => f.Name)];
        foreach (var setting in settings.All.Keys.Where(LooksLikeOne)) CheckHasEffect(setting, functions);
    }

    public bool Contains(string function) => _names.Contains(function);

    // Linux has the underscores where its variables can have no dots.
    private static string[] Settings(string function) => [$"AzureWebJobs.{function}.Disabled", $"AzureWebJobs_{function}_Disabled"];

    private static bool LooksLikeOne(string setting) =>
        setting.StartsWith("AzureWebJobs", StringComparison.OrdinalIgnoreCase) && setting.EndsWith("Disabled", StringComparison.OrdinalIgnoreCase) && setting.Count(c => c is '.' or ':' or '_') > 1;

    private static bool IsOn(AppSettings settings, string name) => settings.All.GetValueOrDefault(name)?.ToUpperInvariant() switch
    {
        null or "0" or "FALSE" => false,
        "1" or "TRUE" => true,
        _ => throw new HostRefusesException($"{name} is '{settings.All[name]}': it switches the function off with true or 1 only; to leave it on, set false."),
    };

    private static void CheckHasEffect(string setting, IReadOnlyList<FunctionMetadata> functions)
    {
        if (setting.Contains(':', StringComparison.Ordinal))
        {
            throw new HostRefusesException(
                $"The app setting {setting.Replace(":", "__", StringComparison.Ordinal)} switches nothing off: the host turns '__' into ':' and looks for dots or single underscores. "
                + $"Name it {setting.Replace(':', '.')}.");
        }

        if (!functions.SelectMany(f => Settings(f.Name)).Contains(setting, StringComparer.OrdinalIgnoreCase))
        {
            throw new HostRefusesException($"The app setting {setting} switches nothing off: there is no such function.");
        }
    }
}
