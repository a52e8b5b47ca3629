using Automation.Core.Catalog;
using Automation.Local.InProcess;
using Automation.Local.Rehearsal.Reading;
using Automation.LocalCloud;
using Automation.LocalCloud.Hosting;
using Automation.LocalCloud.Import;
using Automation.LocalCloud.Storage;

namespace Automation.Local.Rehearsal;

/// <summary>An embedded cloud in this process that continues from an account's state, with the functions of this program.</summary>
internal sealed class RehearsedCloud : IDisposable
{
    private readonly FunctionProcesses _functions;
    private readonly InProcessHandler _handler;

    /// <param name="catalogFile">The catalog that the functions follow.</param>
    /// <param name="catalog">The same, read.</param>
    public RehearsedCloud(AccountState state, MemoryStore store, string catalogFile, ImageCatalog catalog)
    {
        (CatalogFile, Catalog) = (catalogFile, catalog);
        _functions = new FunctionProcesses { CatalogFile = catalogFile, UseOf = _ => new SavedUse(state, catalog) };
        Cloud = new Cloud(AccountImport.Options(state, store), _functions.Host());
        Cloud.Run(() => Cloud.ImageBuilder.Quotas = AccountImport.Quotas(state));
        _handler = new InProcessHandler(Cloud);
        _functions.Connect(_handler.CallAsync, new KnownAnswers(Cloud));
    }

    public Cloud Cloud { get; }

    public string CatalogFile { get; }

    public ImageCatalog Catalog { get; }

    public void Dispose()
    {
        _functions.Dispose();
        _handler.Dispose();
        Cloud.Dispose();
    }
}
